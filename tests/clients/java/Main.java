import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.egit.github.core.client.RequestException;
import org.kohsuke.github.HttpException;

/**
 * hub4j's github-api and EGit's client: one JSON document in on a line, one out.
 *
 * <p>A call is {"base_url", "client", "method", "as", …}: each may be about another server. Who asks is a token, a login with a
 * password, or nobody. The answer has the status that the client saw (200 where it saw none), what it made of the answer, and
 * the kind of its exception.
 */
public final class Main {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Main() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            byte[] answer = JSON.writeValueAsBytes(answer(JSON.readTree(line)));
            System.out.write(answer);
            System.out.write('\n');
            System.out.flush();
        }
        // Threads of the clients may wait for nothing any more.
        System.exit(0);
    }

    private static Map<String, Object> answer(JsonNode call) {
        Map<String, Object> answer = new HashMap<>();
        answer.put("status", 200);
        try {
            boolean isHub4j = call.get("client").asText().equals("hub4j");
            answer.put("data", isHub4j ? Hub4j.call(call) : Egit.call(call));
        } catch (IOException refused) {
            answer.put("status", statusOf(refused));
            answer.put("kind", refused.getClass().getSimpleName());
            answer.put("message", messageOf(refused));
        } catch (RuntimeException broke) {
            answer.put("broke", broke.toString());
        }
        return answer;
    }

    /** The status of the answer behind an exception; 0 where there was none. */
    private static int statusOf(Throwable refused) {
        for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
            if (cause instanceof HttpException) {
                return ((HttpException) cause).getResponseCode();
            }
            if (cause instanceof FileNotFoundException) {
                return HttpURLConnection.HTTP_NOT_FOUND;
            }
            if (cause instanceof RequestException) {
                return ((RequestException) cause).getStatus();
            }
        }
        return 0;
    }

    private static String messageOf(IOException refused) {
        return refused instanceof RequestException
                ? ((RequestException) refused).formatErrors()
                : String.valueOf(refused.getMessage());
    }
}
