// For both ends of MCP: an agent that logs in as a service user, and a server that checks it. It
// needs no SDK: the types are those that the SDKs of MCP expect, by their shape.
export { mcpAuth } from "./auth.js";
export { mcpGate } from "./gate.js";
export type {
  Asked,
  McpAuth,
  McpAuthInfo,
  McpAuthOptions,
  McpGate,
  McpGateOptions,
  McpSource,
  ResourceMetadata,
  SdkErrorCode,
  UnauthorizedContext,
  ValidatedToken,
} from "./types.js";
