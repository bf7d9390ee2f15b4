package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that do not behave, beside a model that does. */
@Timeout(240)
class BadWorkerTest {
  /** Does for a few numbers what workers should not, and for others what the example model does. */
  private static final String MOODY =
      """
      import ctypes, os, sys, time
      from salver_worker import serve

      LEAK = []

      def predict(x):
          if x[0] == -1:
              time.sleep(3600)
          elif x[0] == -2:
              for i in range(20_000):
                  print("noise", i)
              print("x" * 100_000)
          elif x[0] == -3:
              ctypes.string_at(0)
          elif x[0] == -4:
              LEAK.append(bytearray(300 << 20))
          elif x[0] == -5:
              os.close(3)
              os._exit(7)
          elif x[0] == -6:
              os.write(int(os.environ.get("SOCKET_FD", "3")), b"no answer, but some text")
              time.sleep(3600)
          return x / 2 + 2

      serve(predict, {"x": ("float32", [-1])}, {"y": ("float32", [-1])})
      """;

  @TempDir Path temporary;

  @BeforeAll
  static void needsNumpy() throws Exception {
    WorkerModels.requirePython("numpy");
  }

  private static void assertAnswers(RunningServer server, String name) throws Exception {
    RestClient.Answer answer = WorkerModels.predict(server, name, 3);
    assertThat(HalfPlusTwoCalls.problem(3, answer.body())).as(answer.body()).isEmpty();
  }

  private static void assertFails(RunningServer server, double x, int status, String reason)
      throws Exception {
    RestClient.Answer answer = WorkerModels.predict(server, "moody", x);
    assertThat(answer.body()).contains(reason);
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    Await.until(
        "the worker is back", () -> WorkerModels.predict(server, "moody", 3).status() == 200);
    assertAnswers(server, HalfPlusTwoCalls.NAME);
  }

  @Test
  void whateverAWorkerDoesItIsContainedAndStartedAgain() throws Exception {
    WorkerModels models =
        new WorkerModels(temporary).python("moody", "run_limit: 4s, memory_limit: 1GiB", MOODY);
    try (RunningServer server = models.serve()) {
      assertAnswers(server, "moody");
      assertFails(server, -1, 504, "did not answer in time, while it ran this request");
      assertFails(server, -3, 503, "ended by signal 11 (SIGSEGV), while it ran this request");
      assertFails(server, -5, 503, "ended by exit code 7, while it ran this request");
      assertFails(server, -6, 500, "frame: begins with 0x6e6f2061 (expected: 0x53575031");
      assertThat(WorkerModels.predict(server, "moody", -2).status()).isEqualTo(200);
      String last = "";
      for (int i = 0; i < 8 && !last.contains("out of memory"); i++) {
        last = WorkerModels.predict(server, "moody", -4).body();
      }
      assertThat(last).contains("out of memory");
      Await.until(
          "the worker is back", () -> WorkerModels.predict(server, "moody", 3).status() == 200);
      server.process().terminate();
      assertThat(server.process().output())
          .contains("worker moody/1 #0: noise 1")
          .contains("lines left out")
          .contains("out of memory: the worker ends")
          .hasSizeLessThan(1 << 20);
    }
  }

  @Test
  void aWorkerThatCannotStartSaysWhyAndAStuckOneIsGivenUp() throws Exception {
    WorkerModels models =
        new WorkerModels(temporary)
            .python("dead", "", "import nothing_of_that_name\n")
            .python("stuck", "start_timeout: 1s", "import time\ntime.sleep(3600)\n")
            .write("missing", "model.yaml", "worker: {command: [/nonexistent/program]}\n")
            .write("empty", "model.yaml", "worker: {}\n")
            .write("pickle", "model.pkl", "x");
    try (RunningServer server = models.serve()) {
      assertAnswers(server, HalfPlusTwoCalls.NAME);
      assertNotServed(server, "dead", "ended by exit code 1 before it was ready");
      assertNotServed(server, "dead", "No module named 'nothing_of_that_name'");
      assertNotServed(server, "stuck", "did not connect in time of 1000 ms; it printed nothing");
      assertNotServed(server, "missing", "/nonexistent/program");
      assertNotServed(server, "empty", "worker: no command");
      assertNotServed(server, "pickle", "model.pkl: a pickle is code");
    }
  }

  private static void assertNotServed(RunningServer server, String name, String reason)
      throws Exception {
    assertThat(
            WorkerModels.status(server, name)
                .getAsJsonObject("status")
                .get("error_message")
                .getAsString())
        .contains(reason);
  }

  @Test
  void aPickledModelIsServedWhereThatIsAllowed() throws Exception {
    WorkerModels.requirePython("numpy", "sklearn");
    WorkerModels models =
        new WorkerModels(temporary)
            .write(
                "forest",
                "model.yaml",
                "worker: {python: /usr/bin/python3, allow_pickle: true, replicas: 2}\n");
    train(models.version("forest").resolve("model.pkl"));
    try (RunningServer server = models.serve()) {
      RestClient.Answer answer =
          server
              .rest()
              .post(
                  "/v1/models/forest:predict",
                  "{\"instances\": [[0.0, 1.0], [1.0, 0.0]], \"signature_name\":"
                      + " \"serving_default\"}");
      assertThat(answer.body().replaceAll("\\s", ""))
          .isEqualTo(
              "{\"predictions\":[{\"predictions\":0,\"probabilities\":[1.0,0.0]},"
                  + "{\"predictions\":1,\"probabilities\":[0.0,1.0]}]}");
      RestClient.Answer wrong =
          server.rest().post("/v1/models/forest:predict", "{\"instances\": [[0.0, 1.0, 2.0]]}");
      assertThat(wrong.status()).as(wrong.body()).isEqualTo(400);
    }
  }

  private static void train(Path file) throws Exception {
    String script =
        """
        import pickle, sys
        from sklearn.ensemble import RandomForestClassifier
        model = RandomForestClassifier(5, bootstrap=False, random_state=0)
        model.fit([[0, 1], [1, 0]], [0, 1])
        with open(sys.argv[1], "wb") as file:
            pickle.dump(model, file)
        """;
    Process process =
        new ProcessBuilder("/usr/bin/python3", "-c", script, file.toString()).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }
}
