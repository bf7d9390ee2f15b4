package io.salver.engine.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.ModelFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WorkerCommandTest {
  private static final WorkerPlace PLACE =
      new WorkerPlace(
          Path.of("/dev/shm/w/1"),
          Path.of("/dev/shm/w/1/worker.sock"),
          new ModelFiles(Path.of("/models/m/3")),
          2);

  private static WorkerSpec spec(long memoryLimitBytes, ContainerImage image) {
    return new WorkerSpec(
        List.of("run", "--on={socket}"),
        Map.of("A", "b", "OMP_NUM_THREADS", "4"),
        WorkerSpec.SALVER,
        1,
        2,
        WorkerSpec.DEFAULT.startTimeout(),
        WorkerSpec.DEFAULT.runLimit(),
        WorkerSpec.DEFAULT.deadlineGrace(),
        false,
        memoryLimitBytes,
        Optional.ofNullable(image));
  }

  @Test
  void aProcessIsHeldByWhatTheSystemHas() {
    WorkerCommand command = WorkerCommand.process(spec(1 << 30, null), PLACE);
    assertThat(command.arguments()).endsWith("run", "--on=/dev/shm/w/1/worker.sock");
    if (ProcessTools.limitsMemory()) {
      assertThat(command.arguments()).contains("prlimit", "--data=1073741824");
    }
    assertThat(command.environment())
        .containsEntry("A", "b")
        .containsEntry("OMP_NUM_THREADS", "4")
        .containsEntry("HOME", "/dev/shm/w/1")
        .containsEntry("SALVER_WORKER_CONNECTIONS", "2")
        .doesNotContainKey("USER");
    assertThat(command.cleanUp()).isEmpty();
  }

  @Test
  void ofTheServersEnvironmentItGetsWhatTunesLibrariesAndNoSecrets() {
    assertThat(
            WorkerCommand.inherited(
                Map.of(
                    "PATH",
                    "/bin",
                    "AWS_SECRET_ACCESS_KEY",
                    "s",
                    "OPENBLAS_CORETYPE",
                    "Zen",
                    "SALVER_JAVA_OPTS",
                    "-X",
                    "LANG",
                    "de_DE",
                    "HOME",
                    "/root")))
        .isEqualTo(Map.of("PATH", "/bin", "OPENBLAS_CORETYPE", "Zen", "LANG", "C.UTF-8"));
  }

  @Test
  void aContainerHasTheModelTheSocketAndNothingElse() {
    ContainerImage image = new ContainerImage("registry/m:3", "podman", 1.5);
    WorkerCommand command =
        WorkerCommand.container(spec(1 << 30, image), image, PLACE, "salver-1", "7:8");
    assertThat(String.join(" ", command.arguments()))
        .isEqualTo(
            "podman run --rm --name salver-1 --network none --user 7:8 --cap-drop ALL"
                + " --security-opt no-new-privileges"
                + " --mount type=bind,source=/models/m/3,target=/model,readonly"
                + " --mount type=bind,source=/dev/shm/w/1,target=/dev/shm/w/1"
                + " --workdir /model --memory 1073741824 --memory-swap 1073741824 --cpus 1.5"
                + " --env A=b --env MKL_NUM_THREADS=1 --env OMP_NUM_THREADS=4"
                + " --env OPENBLAS_NUM_THREADS=1 --env PYTHONDONTWRITEBYTECODE=1"
                + " --env PYTHONPATH=/dev/shm/w/1 --env PYTHONUNBUFFERED=1"
                + " --env SALVER_WORKER_CONNECTIONS=2"
                + " --env SALVER_WORKER_DIRECTORY=/dev/shm/w/1"
                + " --env SALVER_WORKER_SOCKET=/dev/shm/w/1/worker.sock"
                + " registry/m:3 run --on=/dev/shm/w/1/worker.sock");
    assertThat(command.cleanUp()).containsExactly("podman", "rm", "--force", "salver-1");
  }

  @Test
  void anImageThatWouldBeAnOptionIsRefused() {
    assertThatThrownBy(() -> new ContainerImage("--privileged", "docker", 0))
        .hasMessageContaining("image: \"--privileged\"");
  }
}
