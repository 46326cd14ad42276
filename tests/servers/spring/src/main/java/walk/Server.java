package walk;

import java.util.Scanner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

/** Spring Authorization Server with the defaults of Boot. It is told what changes by its input. */
@SpringBootApplication
public class Server {

  public static void main(String[] args) {
    var context = SpringApplication.run(Server.class, args);
    var input = new Scanner(System.in);
    while (input.hasNextLine()) {
      var words = input.nextLine().split(" ");
      if (words[0].equals("secret")) context.getBean(Clients.class).setSecret(words[1], words[2]);
      if (words[0].equals("keys")) context.getBean(Keys.class).rotate();
      System.out.println("done");
    }
    context.close();
  }

  @Bean
  AuthorizationServerSettings settings(
      @org.springframework.beans.factory.annotation.Value("${walk.issuer}") String issuer) {
    return AuthorizationServerSettings.builder().issuer(issuer).build();
  }

  @Bean
  UserDetailsService users() {
    return new InMemoryUserDetailsManager(
        User.withUsername("someone").password("anything").roles("USER").build());
  }

  /** As they are: a secret signs assertions, too. */
  @Bean
  PasswordEncoder passwords() {
    return new PasswordEncoder() {
      public String encode(CharSequence password) {
        return password.toString();
      }

      public boolean matches(CharSequence password, String encoded) {
        return encoded.contentEquals(password);
      }
    };
  }
}
