package io.salver.bench;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends REST predictions at a rate of its own, whatever becomes of them: at random intervals, each
 * timed from when it was due. Or, to find out what a server carries, keeps so many open at a time.
 * Needs nothing but the JDK, so that it can be started from source.
 *
 * <p>Prints a line for each model: requests sent, answered per second, median and 99th percentile
 * of those in microseconds, how many were refused with 429 or 503, and how many failed otherwise;
 * then, to standard error, what a refusal said.
 */
public final class OpenLoop {
  private static final int MOST_OPEN = 4_000;
  private static final String USAGE =
      """
      expected: open PORT SECONDS (MODEL REQUESTS_PER_SECOND)...
            or: closed PORT SECONDS (MODEL CLIENTS)...
      """;

  private final HttpClient client;
  private final HttpRequest request;
  private final Duration duration;
  private final AtomicInteger open = new AtomicInteger();
  private final List<Long> latenciesNs = new ArrayList<>();
  private final Map<Integer, Integer> failures = new TreeMap<>();
  private String refusal = "";
  private int sent;

  private OpenLoop(HttpClient client, int port, String model, Duration duration) {
    this.client = client;
    this.duration = duration;
    this.request =
        HttpRequest.newBuilder()
            .uri(URI.create("http://127.0.0.1:" + port + "/v1/models/" + model + ":predict"))
            .POST(BodyPublishers.ofString("{\"instances\": [1.0]}"))
            .build();
  }

  /** Takes what {@link #USAGE} says. */
  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length < 5 || arguments.length % 2 == 0) {
      System.err.print(USAGE);
      System.exit(2);
    }
    int port = Integer.parseInt(arguments[1]);
    Duration duration = Duration.ofSeconds(Long.parseLong(arguments[2]));
    try (ExecutorService executor = Executors.newSingleThreadExecutor();
        HttpClient client =
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .executor(executor)
                .build()) {
      List<OpenLoop> loads = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 3; i < arguments.length; i += 2) {
        OpenLoop load = new OpenLoop(client, port, arguments[i], duration);
        double number = Double.parseDouble(arguments[i + 1]);
        boolean isOpen = arguments[0].equals("open");
        loads.add(load);
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  if (isOpen) {
                    load.sendAtRate(number);
                  } else {
                    load.keepOpen((int) number);
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      loads.forEach(OpenLoop::report);
    }
    System.exit(0);
  }

  private void sendAtRate(double perSecond) {
    Random random = new Random(1);
    long startNs = System.nanoTime();
    double dueNs = 0;
    while (dueNs < duration.toNanos()) {
      long waitNs = startNs + (long) dueNs - System.nanoTime();
      if (waitNs > 0) {
        LockSupport.parkNanos(waitNs);
        continue;
      }
      send(startNs + (long) dueNs);
      dueNs += -Math.log(1 - random.nextDouble()) * 1e9 / perSecond;
    }
    awaitAnswers();
  }

  private void keepOpen(int clients) {
    long endNs = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() - endNs < 0) {
      if (open.get() < clients) {
        send(System.nanoTime());
      } else {
        LockSupport.parkNanos(20_000);
      }
    }
    awaitAnswers();
  }

  private void awaitAnswers() {
    long endNs = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (open.get() > 0 && System.nanoTime() - endNs < 0) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void send(long dueNs) {
    sent++;
    if (open.get() >= MOST_OPEN) {
      failed(-1);
      return;
    }
    open.incrementAndGet();
    var unused =
        client
            .sendAsync(request, BodyHandlers.ofString())
            .whenComplete((answer, failure) -> {
              ended(answer, dueNs);
              open.decrementAndGet();
            });
  }

  private synchronized void ended(HttpResponse<String> answer, long dueNs) {
    if (answer == null) {
      failed(-1);
    } else if (answer.statusCode() == 200) {
      latenciesNs.add(System.nanoTime() - dueNs);
    } else {
      failed(answer.statusCode());
      refusal = answer.body();
    }
  }

  private synchronized void failed(int status) {
    failures.merge(status, 1, Integer::sum);
  }

  private synchronized void report() {
    long[] sorted = latenciesNs.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    int refused = failures.getOrDefault(429, 0) + failures.getOrDefault(503, 0);
    int others = failures.values().stream().mapToInt(Integer::intValue).sum() - refused;
    System.out.printf(
        "%d %.1f %d %d %d %d%n",
        sent,
        (double) sorted.length / duration.toSeconds(),
        quantileUs(sorted, 0.5),
        quantileUs(sorted, 0.99),
        refused,
        others);
    if (!refusal.isEmpty()) {
      System.err.println(refusal);
    }
  }

  private static long quantileUs(long[] sorted, double quantile) {
    return sorted.length == 0 ? 0 : sorted[(int) (quantile * (sorted.length - 1))] / 1_000;
  }
}
