package walk;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.jose.jws.JwsAlgorithm;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.settings.OAuth2TokenFormat;
import org.springframework.security.oauth2.server.authorization.settings.TokenSettings;
import org.springframework.stereotype.Component;

/** The clients, by their names, which are their ids too. */
@Component
class Clients implements RegisteredClientRepository {

  private final Map<String, RegisteredClient> clients = new ConcurrentHashMap<>();
  private final String secret;

  Clients(
      @Value("${walk.secret}") String secret,
      @Value("${walk.keys}") String keys,
      @Value("${walk.redirect}") String redirect) {
    this.secret = secret;
    save(machine("basic", ClientAuthenticationMethod.CLIENT_SECRET_BASIC).build());
    save(machine("other", ClientAuthenticationMethod.CLIENT_SECRET_BASIC).build());
    save(machine("post", ClientAuthenticationMethod.CLIENT_SECRET_POST).build());
    save(opaque());
    var mac = machine("jwt", ClientAuthenticationMethod.CLIENT_SECRET_JWT);
    save(mac.clientSettings(settings(MacAlgorithm.HS256).build()).build());
    for (var algorithm : SignatureAlgorithm.values()) {
      var id = "signed-" + algorithm.getName();
      save(machine(id, ClientAuthenticationMethod.CLIENT_SECRET_BASIC).build());
    }
    for (var name : new String[] {"RS256", "PS256", "ES256"}) {
      var settings = settings(SignatureAlgorithm.valueOf(name)).jwkSetUrl(keys + "/" + name).build();
      var client = machine("key-" + name, ClientAuthenticationMethod.PRIVATE_KEY_JWT);
      save(client.clientSettings(settings).build());
    }
    save(application(redirect));
  }

  void setSecret(String id, String secret) {
    save(RegisteredClient.from(clients.get(id)).clientSecret(secret).build());
  }

  @Override
  public final void save(RegisteredClient client) {
    clients.put(client.getId(), client);
  }

  @Override
  public RegisteredClient findById(String id) {
    return clients.get(id);
  }

  @Override
  public RegisteredClient findByClientId(String id) {
    return clients.get(id);
  }

  private RegisteredClient.Builder machine(String id, ClientAuthenticationMethod method) {
    return RegisteredClient.withId(id)
        .clientId(id)
        .clientSecret(secret)
        .clientAuthenticationMethod(method)
        .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
        .scope("things:write");
  }

  private RegisteredClient opaque() {
    var format = TokenSettings.builder().accessTokenFormat(OAuth2TokenFormat.REFERENCE).build();
    var client = machine("opaque", ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
    return client.tokenSettings(format).build();
  }

  private RegisteredClient application(String redirect) {
    return RegisteredClient.withId("app")
        .clientId("app")
        .clientSecret(secret)
        .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
        .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
        .authorizationGrantType(AuthorizationGrantType.REFRESH_TOKEN)
        .redirectUri(redirect)
        .scope("openid")
        .clientSettings(ClientSettings.builder().requireProofKey(false).build())
        .build();
  }

  private static ClientSettings.Builder settings(JwsAlgorithm algorithm) {
    return ClientSettings.builder().tokenEndpointAuthenticationSigningAlgorithm(algorithm);
  }
}
