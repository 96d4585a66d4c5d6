package trialbridge;

import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.r5.JpaR5Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * A HAPI FHIR server on a free port of 127.0.0.1, which forgets everything when it ends.  It ends with its standard input: so it never
 * outlives the one who started it.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Thread input = new Thread(Main::endWithInput);
        input.setDaemon(true);
        input.start();
        try {
            serve(Settings.ofEnvironment());
        } catch (Throwable problem) { // what already runs would keep the process alive
            problem.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private static void endWithInput() {
        try {
            while (System.in.read() >= 0) {}
        } catch (IOException closed) {
            // the same as its end
        }
        Runtime.getRuntime().halt(0);
    }

    private static void serve(Settings settings) throws Exception {
        AnnotationConfigApplicationContext beans = new AnnotationConfigApplicationContext();
        beans.registerBean(Settings.class, () -> settings);
        beans.register(Database.class, switch (settings.release()) {
            case "r4" -> JpaR4Config.class;
            case "r5" -> JpaR5Config.class;
            default -> throw new IllegalArgumentException("expected r4 or r5, found " + settings.release());
        });
        beans.refresh();

        HttpConfiguration http = new HttpConfiguration();
        http.setUriCompliance(UriCompliance.LEGACY); // searches carry | as it is
        http.setHeaderCacheCaseSensitive(true); // else Jetty can give "Bearer abc" for "Bearer ABC"
        Server jetty = new Server();
        ServerConnector connector = new ServerConnector(jetty, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        jetty.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        context.addServlet(new ServletHolder(Endpoint.of(beans, settings)), "/fhir/*");
        jetty.setHandler(context);
        jetty.start();

        var written = settings.ready().resolveSibling("writing");
        Files.writeString(written, "http://127.0.0.1:" + connector.getLocalPort() + "/fhir");
        Files.move(written, settings.ready(), StandardCopyOption.ATOMIC_MOVE);
    }
}
