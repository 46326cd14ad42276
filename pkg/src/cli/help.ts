// The texts of `--help`.

const VARIABLES = `Variables, of the environment or of --env-file:
  ISSUER             the server, exactly as it names itself
  CLIENT_ID          at ZITADEL the service user's login name
  CLIENT_SECRET      the secret that belongs to it
  KEY_FILE           instead of a secret: the text of a key file, a PEM or a JWK, or its path
  SCOPE              separated by blanks; "openid" if it is not set, none if it is empty
  RESOURCE           RFC 8707; none if it is not set
`;

const API_VARIABLES = `  AUDIENCE           whom your API's tokens are for; by default PROJECT_ID
  PROJECT_ID         at ZITADEL the project whose roles your API requires
  API_CLIENT_ID      your API's own client, for introspection
  API_CLIENT_SECRET  the secret that belongs to it
  API_URL            is called with the token, by GET
`;

const EXIT_CODES = `Exit codes:
  0  no problem found; warnings count as none
  1  internal: a bug of edge-credentials
  2  misuse: a variable or an option is wrong
  3  denied: the server refuses the client, its credentials or what it asks for
  4  malformed: the server breaks the protocol
  5  unavailable: the server cannot be reached, or says to come back later
  6  rejected: your API would refuse the token
`;

const ENV_FILE = `  --env-file FILE    read variables from FILE, such as .dev.vars; they replace those of the
                     environment. May be given several times
`;

export const HELP = `Usage: edge-credentials <command> [options]

Commands:
  doctor  explains why a login fails, or would
  token   prints an access token

edge-credentials <command> --help tells more.
`;

export const DOCTOR_HELP = `Usage: edge-credentials doctor [options]

Checks a login step by step: issuer, credentials, token, and whether your API would take the token.
Prints a line for each check, and for a problem whose fault it is and what to do. Prints no secret
and no token.

Options:
${ENV_FILE}  --role ROLE        the role that your API requires; without it any role of PROJECT_ID counts
  --mcp URL          an MCP server: whether its metadata name ISSUER, and whether it takes the token
  --json             print one JSON object
  -h, --help         print this

${VARIABLES}${API_VARIABLES}
${EXIT_CODES}The first problem decides.
`;

export const TOKEN_HELP = `Usage: edge-credentials token [options]

Prints an access token and nothing else:
  curl -H "$(npx edge-credentials token --header)" https://api.example
Errors go to stderr.

Options:
${ENV_FILE}  --header           print the header: Authorization: Bearer …
  -h, --help         print this

${VARIABLES}
${EXIT_CODES}`;
