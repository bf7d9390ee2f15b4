package io.salver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.cli.config.EnginesConfig;
import io.salver.cli.config.LibrariesConfig;
import io.salver.engine.Device;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plug-ins that are not there, and directories that are none. */
class PluginsTest {
  @TempDir Path temporary;

  private static EnginesConfig config(Path plugins) {
    return new EnginesConfig(
        1,
        1,
        0,
        Duration.ofNanos(100_000),
        Optional.of(plugins),
        List.of(Device.CPU),
        LibrariesConfig.DEFAULT);
  }

  private Path archive(String... entries) throws IOException {
    Path file = temporary.resolve("model.pt");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (String entry : entries) {
        out.putNextEntry(new ZipEntry(entry));
        out.closeEntry();
      }
    }
    return file;
  }

  private boolean is(PluginFormat format) {
    return format.find(new ModelFiles(temporary)).isPresent();
  }

  @Test
  void torchScriptIsToldFromOtherArchives() throws Exception {
    archive("model/data.pkl", "model/constants.pkl", "model/code/__torch__.py");
    assertThat(is(PluginFormat.TORCHSCRIPT)).isTrue();
    archive("state_dict/data.pkl", "state_dict/data/0");
    assertThat(is(PluginFormat.TORCHSCRIPT)).isFalse();
    Files.writeString(temporary.resolve("model.pt"), "abc");
    assertThat(is(PluginFormat.TORCHSCRIPT)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "'name: \"a\"\nlayer {\n}', true",
    "'layers { name: \"a\" }', true",
    "'  layer: {', true",
    "'multilayer {', false",
    "'syntax = \"proto3\";', false"
  })
  void caffeIsToldByItsLayers(String text, boolean caffe) throws Exception {
    Files.writeString(temporary.resolve("deploy.prototxt"), text, StandardCharsets.UTF_8);
    assertThat(is(PluginFormat.CAFFE)).isEqualTo(caffe);
  }

  @Test
  void anAbsentPluginSaysOfItsModelsWhatTheyNeed() throws Exception {
    Path file = archive("model/constants.pkl");
    List<Engine> engines = Plugins.engines(config(Files.createDirectory(temporary.resolve("no"))));
    assertThat(engines).extracting(Engine::name).containsExactly("torch", "caffe");
    ModelFiles files = new ModelFiles(temporary);
    assertThat(engines.getFirst().inspect(files))
        .isEqualTo(
            new Inspection.Refused(
                file
                    + ": a TorchScript model, for which the plug-in \"torch\" is not installed"
                    + " (run: ./salver plugin torch, and start again)"));
    assertThat(engines.getLast().inspect(files)).isEqualTo(new Inspection.NotMine());
    assertThatThrownBy(() -> engines.getFirst().load(files, EngineOptions.DEFAULT))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("./salver plugin torch");
  }

  @Test
  void whatIsNoPluginIsRefusedAtStart() throws Exception {
    Path gone = temporary.resolve("gone");
    assertThatThrownBy(() -> Plugins.engines(config(gone)))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("engines.plugins: " + gone);
    Path plugin = Files.createDirectories(temporary.resolve("plugins/empty"));
    assertThatThrownBy(() -> Plugins.engines(config(plugin.getParent())))
        .isInstanceOf(StartException.class)
        .hasMessageContaining(plugin + ": no engine in its jars");
    Path named = Files.createDirectories(temporary.resolve("other/named"));
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(named.resolve("a.jar")))) {
      out.putNextEntry(new ZipEntry("META-INF/services/io.salver.engine.Engine"));
      out.write("no.such.Engine".getBytes(StandardCharsets.UTF_8));
      out.closeEntry();
    }
    assertThatThrownBy(() -> Plugins.engines(config(named.getParent())))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("no.such.Engine");
  }
}
