package io.salver.engine.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerCommandTest {
  private static final WorkerPlace PLACE =
      new WorkerPlace(
          Path.of("/dev/shm/w/1"),
          Path.of("/dev/shm/w/1/worker.sock"),
          new ModelFiles(Path.of("/models/m/3")),
          2);

  @TempDir Path directory;

  private WorkerPlace place() {
    return new WorkerPlace(directory, directory.resolve("worker.sock"), PLACE.files(), 2);
  }

  private static WorkerSpec spec(long memoryLimitBytes, ContainerImage image) {
    return spec(Map.of("A", "b", "OMP_NUM_THREADS", "4"), memoryLimitBytes, image);
  }

  private static WorkerSpec spec(
      Map<String, String> environment, long memoryLimitBytes, ContainerImage image) {
    return new WorkerSpec(
        List.of("run", "--on={socket}"),
        environment,
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
  void aContainerHasTheModelTheSocketAndNothingElse() throws IOException {
    Path variables = directory.resolve("variables.env");
    ContainerImage image = new ContainerImage("registry/m:3", "podman", 1.5);
    WorkerCommand command =
        WorkerCommand.container(spec(1 << 30, image), image, place(), "salver-1", "7:8");
    assertThat(String.join(" ", command.arguments()))
        .isEqualTo(
            "podman run --rm --name salver-1 --network none --user 7:8 --cap-drop ALL"
                + " --security-opt no-new-privileges"
                + " --mount type=bind,source=/models/m/3,target=/model,readonly"
                + (" --mount type=bind,source=" + directory + ",target=" + directory)
                + " --workdir /model --memory 1073741824 --memory-swap 1073741824 --cpus 1.5"
                + (" --env-file " + variables)
                + (" registry/m:3 run --on=" + directory + "/worker.sock"));
    assertThat(variables)
        .hasContent(
            """
            A=b
            MKL_NUM_THREADS=1
            OMP_NUM_THREADS=4
            OPENBLAS_NUM_THREADS=1
            PYTHONDONTWRITEBYTECODE=1
            PYTHONPATH=%s
            PYTHONUNBUFFERED=1
            SALVER_WORKER_CONNECTIONS=2
            SALVER_WORKER_DIRECTORY=%s
            SALVER_WORKER_SOCKET=%s/worker.sock
            """
                .formatted(directory, directory, directory));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(variables)))
        .isEqualTo("rw-------");
    assertThat(command.cleanUp()).containsExactly("podman", "rm", "--force", "salver-1");
  }

  @ParameterizedTest
  @CsvSource({"'A\nB', c", "A, 'b\nC=d'", "A, 'b\rc'", "#A, b", "A=B, c", "'', b"})
  void aVariableThatAContainersFileHasNoRoomForIsRefused(String name, String value) {
    ContainerImage image = new ContainerImage("registry/m:3", "podman", 0);
    WorkerSpec spec = spec(Map.of(name, value), 0, image);
    assertThatThrownBy(() -> WorkerCommand.container(spec, image, place(), "salver-1", "7:8"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("worker.env: " + name + " (expected: ");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void anImageThatWouldBeAnOptionIsRefused() {
    assertThatThrownBy(() -> new ContainerImage("--privileged", "docker", 0))
        .hasMessageContaining("image: \"--privileged\"");
  }
}
