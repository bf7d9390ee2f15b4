package io.salver.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks models by REST as often as Zipf's law says, the n-th in proportion to 1/n, and prints what
 * came of it: requests, failures, and the time of answers.
 *
 * <pre>java ZipfLoad.java PORT NAME_PREFIX MODELS CALLERS SECONDS REQUESTS_PER_SECOND</pre>
 *
 * <p>The models are NAME_PREFIX0, NAME_PREFIX1 and so on, and answer a number with itself. Callers
 * wait for one answer before they ask again; a caller that is late does not catch up.
 */
public final class ZipfLoad {
  private static final long SEED = 2026;
  private static final int MOST_LATENCIES = 5_000_000;

  private final String prefix;
  private final int models;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final int[] latenciesUs = new int[MOST_LATENCIES];
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicReference<String> firstFailure = new AtomicReference<>("");

  private ZipfLoad(String prefix, int models) {
    this.prefix = prefix;
    this.models = models;
  }

  /** Runs a load; the exit code is 1 if any request failed. */
  public static void main(String[] arguments) throws InterruptedException {
    int port = Integer.parseInt(arguments[0]);
    ZipfLoad load =
        new ZipfLoad(
            "http://127.0.0.1:" + port + "/v1/models/" + arguments[1],
            Integer.parseInt(arguments[2]));
    int callers = Integer.parseInt(arguments[3]);
    long untilNs = System.nanoTime() + Duration.ofSeconds(Long.parseLong(arguments[4])).toNanos();
    long periodNs = (long) (callers * 1e9 / Double.parseDouble(arguments[5]));
    Thread[] threads = new Thread[callers];
    for (int i = 0; i < callers; i++) {
      SplittableRandom random = new SplittableRandom(SEED + i);
      threads[i] = Thread.ofPlatform().start(() -> load.ask(random, untilNs, periodNs));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    System.exit(load.report());
  }

  private void ask(SplittableRandom random, long untilNs, long periodNs) {
    long nextNs = System.nanoTime() + random.nextLong(periodNs);
    while (nextNs - untilNs < 0) {
      long waitNs = nextNs - System.nanoTime();
      if (waitNs > 0) {
        LockSupport.parkNanos(waitNs);
      }
      once((int) Math.pow(models + 1, random.nextDouble()) - 1, random.nextInt(1_000));
      nextNs = Math.max(nextNs + periodNs, System.nanoTime());
    }
  }

  private void once(int model, int number) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(prefix + model + ":predict"))
            .timeout(Duration.ofMinutes(1))
            .POST(BodyPublishers.ofString("{\"instances\": [" + number + "]}"))
            .build();
    long startNs = System.nanoTime();
    String answer;
    try {
      answer = client.send(request, BodyHandlers.ofString()).body();
    } catch (IOException e) {
      answer = e.toString();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts", e);
    }
    int at = requests.getAndIncrement();
    if (at < latenciesUs.length) {
      latenciesUs[at] = (int) ((System.nanoTime() - startNs) / 1_000);
    }
    if (!answer.replaceAll("\\s", "").equals("{\"predictions\":[" + number + ".0]}")) {
      failures.incrementAndGet();
      firstFailure.compareAndSet("", "model " + model + ": " + answer);
    }
  }

  private int report() {
    int[] sorted = Arrays.copyOf(latenciesUs, Math.min(requests.get(), latenciesUs.length));
    Arrays.sort(sorted);
    System.out.printf(
        "%d %d %.2f %.2f %.2f%n",
        requests.get(), failures.get(), at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1));
    if (failures.get() > 0) {
      System.err.println("first failure: " + firstFailure.get());
    }
    return failures.get() > 0 ? 1 : 0;
  }

  private static double at(int[] sorted, double quantile) {
    return sorted.length == 0 ? 0 : sorted[(int) ((sorted.length - 1) * quantile)] / 1e3;
  }
}
