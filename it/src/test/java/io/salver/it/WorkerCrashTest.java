package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that are killed while they are busy. The times are printed, and not judged. */
@Timeout(180)
class WorkerCrashTest {
  private static final int CLIENTS = 4;
  private static final int ANSWERS = 200;

  private static final String HALF_PLUS_TWO =
      """
      from salver_worker import serve

      serve(lambda x: x / 2 + 2, {"x": ("float32", [-1])}, {"y": ("float32", [-1])})
      """;

  @TempDir Path temporary;

  @Test
  void aWorkerThatIsKilledCostsWhatItWasRunning() throws Exception {
    WorkerModels.requirePython("numpy");
    crash("python", "KILL", "signal 9 (SIGKILL)");
  }

  @Test
  void anIsolatedEngineThatCrashesCostsWhatItWasRunning() throws Exception {
    crash("isolated", "SEGV", "signal 6 (SIGABRT)");
  }

  private void crash(String name, String signal, String ending) throws Exception {
    WorkerModels models = new WorkerModels(temporary);
    if (name.equals("python")) {
      models.python(name, "", HALF_PLUS_TWO);
    } else {
      models.isolatedHalfPlusTwo(name);
    }
    try (RunningServer server = models.serve();
        CrashLoad other = new CrashLoad(server, HalfPlusTwoCalls.NAME, 1);
        CrashLoad load = new CrashLoad(server, name, CLIENTS)) {
      load.awaitAnswers(ANSWERS);
      other.awaitAnswers(ANSWERS);
      ProcessHandle before = models.worker(server, name);
      long killedNs = System.nanoTime();
      WorkerModels.signal(before, signal);
      before.onExit().join();
      load.awaitAnswers(ANSWERS);
      other.awaitAnswers(ANSWERS);
      List<CrashLoad.Call> failed =
          load.calls().stream().filter(call -> !call.isAnswered()).toList();
      assertThat(failed)
          .hasSizeBetween(0, CLIENTS)
          .allSatisfy(call -> {
            assertThat(call.status()).isEqualTo(503);
            assertThat(call.problem())
                .contains("worker " + name + "/1 #0: ended by " + ending)
                .contains("while it ran this request");
          });
      assertThat(other.calls()).allMatch(CrashLoad.Call::isAnswered);
      assertThat(models.worker(server, name).pid()).isNotEqualTo(before.pid());
      report(name, signal, failed.size(), killedNs, load, other);
    }
  }

  private static void report(
      String name, String signal, int failed, long killedNs, CrashLoad load, CrashLoad other) {
    System.out.printf(
        "SIG%s of the worker of %s: %d of %d calls failed, no answers for %.0f ms;"
            + " the other model's p99 %.2f ms before, %.2f ms after%n",
        signal,
        name,
        failed,
        load.calls().size(),
        longestPauseMs(load, killedNs),
        p99Ms(other, Long.MIN_VALUE, killedNs),
        p99Ms(other, killedNs, Long.MAX_VALUE));
  }

  private static double longestPauseMs(CrashLoad load, long fromNs) {
    long[] answeredNs =
        load.calls().stream()
            .filter(CrashLoad.Call::isAnswered)
            .mapToLong(CrashLoad.Call::endNs)
            .filter(ns -> ns > fromNs)
            .sorted()
            .toArray();
    long longestNs = 0;
    for (int i = 1; i < answeredNs.length; i++) {
      longestNs = Math.max(longestNs, answeredNs[i] - answeredNs[i - 1]);
    }
    return longestNs / 1e6;
  }

  private static double p99Ms(CrashLoad load, long fromNs, long toNs) {
    double[] sorted =
        load.calls().stream()
            .filter(call -> call.startNs() >= fromNs && call.startNs() < toNs)
            .mapToDouble(CrashLoad.Call::tookMs)
            .sorted()
            .toArray();
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.99))];
  }

  @Test
  void aWorkerEndsWithAServerThatIsKilled() throws Exception {
    WorkerModels.requirePython("numpy");
    WorkerModels models =
        new WorkerModels(temporary).python("python", "", HALF_PLUS_TWO).isolatedHalfPlusTwo("java");
    ProcessHandle[] workers;
    try (RunningServer server = models.serve()) {
      workers =
          new ProcessHandle[] {models.worker(server, "python"), models.worker(server, "java")};
      WorkerModels.signal(ProcessHandle.of(server.process().pid()).orElseThrow(), "KILL");
    }
    Await.until("no worker left", () -> Arrays.stream(workers).noneMatch(ProcessHandle::isAlive));
  }
}
