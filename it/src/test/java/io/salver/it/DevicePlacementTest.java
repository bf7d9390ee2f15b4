package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What versions say of devices, in a server on a machine that has none. */
@Timeout(180)
class DevicePlacementTest {
  @TempDir Path temporary;

  private static WorkerModels with(WorkerModels models, String name, String yaml) throws Exception {
    ModelDirectories.copy(HalfPlusTwoCalls.directory().resolve("1"), models.version(name));
    return models.write(name, "model.yaml", yaml);
  }

  @Test
  void aModelRunsOnTheNextDeviceThatIsThereInTheServerAndOutsideOfIt() throws Exception {
    WorkerModels models = new WorkerModels(temporary);
    with(models, "preferred", "device: [cuda:0, tensorrt:0, cpu]\n");
    with(models, "isolated", "isolate: true\ndevice: [cuda:0, cpu]\n");
    with(models, "instances", "instances: 2\n");
    try (RunningServer server = models.serve()) {
      for (String name : new String[] {"preferred", "isolated", "instances"}) {
        RestClient.Answer answer = WorkerModels.predict(server, name, 5);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(HalfPlusTwoCalls.problem(5, answer.body())).isEmpty();
      }
    }
  }

  @Test
  void aModelWhoseOnlyDeviceIsNotThereIsRefusedByNameAndTheOthersAreServed() throws Exception {
    WorkerModels models = new WorkerModels(temporary);
    with(models, "refused", "device: cuda:0\n");
    with(models, "outside", "isolate: true\ndevice: cuda:0\n");
    with(models, "both", "isolate: true\ninstances: 2\n");
    try (RunningServer server = models.serve()) {
      for (String name : new String[] {"refused", "outside"}) {
        assertThat(reason(server, name))
            .contains("device: cuda:0: the library of ONNX Runtime 1.")
            .contains("has no CUDAExecutionProvider (expected: one of [");
      }
      assertThat(reason(server, "both")).contains("model.yaml: instances: 2 (expected: worker.");
      assertThat(WorkerModels.predict(server, HalfPlusTwoCalls.NAME, 5).status()).isEqualTo(200);
    }
  }

  private static String reason(RunningServer server, String name) throws Exception {
    StringBuilder reason = new StringBuilder();
    Await.until(
        "a refusal of " + name,
        () -> {
          JsonObject status = WorkerModels.status(server, name).getAsJsonObject("status");
          reason.setLength(0);
          reason.append(status.get("error_message").getAsString());
          return !status.get("error_code").getAsString().equals("OK");
        });
    return reason.toString();
  }
}
