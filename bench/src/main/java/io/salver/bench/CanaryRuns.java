package io.salver.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Has a server decide one canary after the other while clients ask its endpoint without pause, and
 * prints what came of them: a row of a table for each kind. A request fails if its answer is not
 * {@code y = x}, or, of a canary whose answers differ, neither that nor one more. Needs nothing but
 * the JDK, so that it can be started from source.
 */
public final class CanaryRuns {
  private static final int CLIENTS = 16;
  private static final int DISTINCT_INPUTS = 1000;
  private static final long LOOK_MS = 200;
  private static final String USAGE = "expected: PORT RUNS BASELINE (TITLE MODEL POLICY_KEYS)...";
  private static final Pattern STATE = Pattern.compile("\"canary\":\\{\"state\":\"(\\w+)\"");
  private static final Pattern REQUESTS = Pattern.compile("\"requests\":(\\d+)");

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String origin;

  private CanaryRuns(int port) {
    this.origin = "http://127.0.0.1:" + port;
  }

  /** What came of one canary. */
  private record Run(
      String state, double seconds, long requests, long canaryRequests, long failed) {}

  /** Prints the rows. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 6 || arguments.length % 3 != 0) {
      throw new IllegalArgumentException(USAGE);
    }
    CanaryRuns runs = new CanaryRuns(Integer.parseInt(arguments[0]));
    for (int i = 3; i < arguments.length; i += 3) {
      List<Run> all = new ArrayList<>();
      for (int run = 0; run < Integer.parseInt(arguments[1]); run++) {
        String endpoint = arguments[i + 1] + "-" + run;
        all.add(runs.run(endpoint, arguments[2], arguments[i + 1], arguments[i + 2]));
        System.err.println(endpoint + ": " + all.getLast());
      }
      System.out.println(row(arguments[i], all));
    }
  }

  private Run run(String endpoint, String baseline, String canary, String more) throws Exception {
    String path = "/v1/endpoints/" + endpoint;
    HttpResponse<String> put =
        send(
            "PUT",
            path,
            """
            {"policy": {"type": "canary", "baseline": {"model": "%s"}, "canary": {"model": "%s"}, %s}}
            """
                .formatted(baseline, canary, more));
    if (put.statusCode() != 200) {
      throw new IOException(endpoint + ": " + put.body());
    }
    double tolerance = more.contains("max_difference_rate") ? 1 : 0;
    AtomicInteger stopped = new AtomicInteger();
    LongAdder failed = new LongAdder();
    LongAdder sent = new LongAdder();
    List<Thread> threads = new ArrayList<>();
    long beginNs = System.nanoTime();
    for (int i = 0; i < CLIENTS; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int x = 0; stopped.get() == 0; x = (x + 1) % DISTINCT_INPUTS) {
                  sent.increment();
                  if (!isAnswered(endpoint, x, tolerance)) {
                    failed.increment();
                  }
                }
              }));
    }
    String statistics = "";
    String state = "running";
    while (state.equals("running")) {
      Thread.sleep(LOOK_MS);
      statistics = send("GET", path + "/statistics", "").body();
      Matcher matcher = STATE.matcher(statistics);
      state = matcher.find() ? matcher.group(1) : "running";
    }
    final double seconds = (System.nanoTime() - beginNs) / 1e9;
    stopped.set(1);
    for (Thread thread : threads) {
      thread.join();
    }
    long ofCanary =
        REQUESTS
            .matcher(statistics)
            .results()
            .skip(1)
            .findFirst()
            .map(count -> Long.parseLong(count.group(1)))
            .orElse(-1L);
    send("DELETE", path, "");
    return new Run(state, seconds, sent.sum(), ofCanary, failed.sum());
  }

  private boolean isAnswered(String endpoint, int x, double tolerance) {
    try {
      HttpResponse<String> answer =
          send("POST", "/v1/models/" + endpoint + ":predict", "{\"instances\": [" + x + "]}");
      String text = answer.body().replaceAll("[^0-9.]", "");
      return answer.statusCode() == 200 && Math.abs(Double.parseDouble(text) - x) <= tolerance;
    } catch (IOException | InterruptedException | NumberFormatException e) {
      System.err.println(e);
      return false;
    }
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(origin + path))
            .header("content-type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static String row(String title, List<Run> runs) {
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %d | %d | %s | %s | %s | %d |",
        title,
        runs.size(),
        count(runs, "rolled_back"),
        count(runs, "promoted"),
        count(runs, "paused"),
        spread(runs.stream().mapToDouble(Run::requests).toArray()),
        spread(runs.stream().mapToDouble(Run::canaryRequests).toArray()),
        spread(runs.stream().mapToDouble(Run::seconds).toArray()),
        runs.stream().mapToLong(Run::failed).sum());
  }

  private static long count(List<Run> runs, String state) {
    return runs.stream().filter(run -> run.state().equals(state)).count();
  }

  /** The median and the largest. */
  private static String spread(double[] values) {
    Arrays.sort(values);
    return String.format(
        Locale.ROOT, "%.0f, %.0f", values[values.length / 2], values[values.length - 1]);
  }
}
