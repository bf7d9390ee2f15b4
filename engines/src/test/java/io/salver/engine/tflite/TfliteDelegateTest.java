package io.salver.engine.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.engine.Device;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.engine.nativelib.Foreign;
import io.salver.tensor.Shape;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.TensorData;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TfliteDelegateTest {
  /** A delegate that takes no operator, and counts; or, with FAILS, none. */
  private static final String SOURCE =
      """
      #include <stdint.h>
      #include <stddef.h>
      #include <stdlib.h>
      struct delegate {
        void* data;
        int (*prepare)(void*, struct delegate*);
        void* copy_from;
        void* copy_to;
        void* free_handle;
        int64_t flags;
        void* builder;
      };
      static int prepares, alive;
      static int prepare(void* context, struct delegate* d) { prepares++; return 0; }
      int prepared(void) { return prepares; }
      int living(void) { return alive; }
      void* tflite_plugin_create_delegate(
          char** keys, char** values, size_t count, void (*report)(const char*)) {
      #ifdef FAILS
        report("no such chip\\n");
        return 0;
      #endif
        struct delegate* d = calloc(1, sizeof(struct delegate));
        d->prepare = prepare;
        alive++;
        return d;
      }
      void tflite_plugin_destroy_delegate(void* d) { alive--; free(d); }
      """;

  @TempDir Path directory;

  @AfterEach
  void everyInterpreterWasClosed() {
    assertThat(TfliteEngine.liveInterpreters()).isZero();
  }

  private Path compile(String name, String... flags) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/cc")), "no C compiler, /usr/bin/cc");
    Path source = Files.writeString(directory.resolve(name + ".c"), SOURCE);
    Path library = directory.resolve(name + ".so");
    List<String> command = new ArrayList<>(List.of("/usr/bin/cc", "-shared", "-fPIC", "-o"));
    command.addAll(List.of(library.toString(), source.toString()));
    command.addAll(List.of(flags));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    return library;
  }

  private LoadedModel load(Path library, EngineOptions options) throws Exception {
    Path version = Files.createDirectories(directory.resolve("1"));
    Files.write(version.resolve("model.tflite"), Models.halfPlusTwo().write());
    return new TfliteEngine(Map.of("abacus", library)).load(new ModelFiles(version), options);
  }

  private static EngineOptions on(String device) {
    return EngineOptions.DEFAULT.withDevices(List.of(Device.parse(device)));
  }

  private static int count(Path library, String function) throws Throwable {
    return (int)
        Foreign.function(
                Foreign.load(library), function, FunctionDescriptor.of(ValueLayout.JAVA_INT))
            .invokeExact();
  }

  @Test
  void theDelegateThatIsAskedForIsAsked() throws Throwable {
    Path library = compile("abacus");
    assertThat(new TfliteEngine(Map.of("abacus", library)).deviceKinds())
        .containsExactlyInAnyOrder("cpu", "abacus");
    try (LoadedModel model = load(library, on("abacus"))) {
      assertThat(count(library, "prepared")).isPositive();
      assertThat(count(library, "living")).isEqualTo(1);
      TensorData x = TensorData.floats("x", Shape.of(1, 1), 3);
      assertThat(Runs.once(model, x).get("y").number(0)).isEqualTo(3.5);
    }
    assertThat(count(library, "living")).isZero();
  }

  @Test
  void whatTheDelegateSaysIsTheReasonWhyItIsNotThere() throws Exception {
    Path library = compile("broken", "-DFAILS");
    assertThatThrownBy(() -> load(library, on("abacus")))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageEndingWith("model.tflite: device: abacus: no such chip");
  }

  @Test
  void whatIsNoLibraryOfDelegatesIsRefused() throws Exception {
    Path missing = directory.resolve("missing.so");
    assertThatThrownBy(() -> load(missing, on("abacus")))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("device: abacus: " + missing + " (expected: a shared library)");
    Path text = Files.writeString(directory.resolve("text.so"), "no library");
    assertThatThrownBy(() -> load(text, on("abacus")))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageStartingWith("device: abacus: " + text + " cannot be loaded: ");
    Path other = directory.resolve("other.so");
    Files.copy(Path.of(System.getProperty("java.home"), "lib", "libnio.so"), other);
    assertThatThrownBy(() -> load(other, on("abacus")))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage(
            "device: abacus: "
                + other
                + " has no tflite_plugin_create_delegate (expected: a delegate)");
  }

  @Test
  void anotherNameANumberOrALimitIsRefused() {
    Path library = Path.of("/opt/abacus.so");
    for (EngineOptions options :
        List.of(on("gpu"), on("abacus:1"), on("abacus").withDeviceMemoryLimitBytes(9))) {
      assertThatThrownBy(() -> load(library, options))
          .isInstanceOf(ModelLoadException.class)
          .hasMessageContaining("device: " + options.device() + ", device_memory_limit_bytes: ")
          .hasMessageEndingWith(
              "(expected: one of the delegates [abacus], without a number or a limit)");
    }
  }
}
