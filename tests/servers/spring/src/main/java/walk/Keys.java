package walk;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.context.annotation.Bean;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtEncoder;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.server.authorization.OAuth2TokenType;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.stereotype.Component;

/** The server's keys, the newest first. */
@Component
class Keys implements JWKSource<SecurityContext> {

  private final List<JWK> keys = new CopyOnWriteArrayList<>();

  Keys() {
    rotate();
  }

  final void rotate() {
    try {
      keys.add(0, new RSAKeyGenerator(2048).keyID(UUID.randomUUID().toString()).generate());
      for (var algorithm : List.of(JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512)) {
        var curve = Curve.forJWSAlgorithm(algorithm).iterator().next();
        var generator = new ECKeyGenerator(curve).algorithm(algorithm);
        keys.add(0, generator.keyID(UUID.randomUUID().toString()).generate());
      }
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<JWK> get(JWKSelector selector, SecurityContext context) {
    return selector.select(new JWKSet(keys));
  }

  @Bean
  JwtEncoder encoder(JWKSource<SecurityContext> source) {
    var encoder = new NimbusJwtEncoder(source);
    encoder.setJwkSelector(found -> found.get(0));
    return encoder;
  }

  /** A client named `signed-ES256` gets its access tokens signed so. */
  @Bean
  OAuth2TokenCustomizer<JwtEncodingContext> algorithms() {
    return context -> {
      var name = context.getRegisteredClient().getClientId();
      if (!name.startsWith("signed-")) return;
      if (!OAuth2TokenType.ACCESS_TOKEN.equals(context.getTokenType())) return;
      context.getJwsHeader().algorithm(SignatureAlgorithm.valueOf(name.substring("signed-".length())));
    };
  }
}
