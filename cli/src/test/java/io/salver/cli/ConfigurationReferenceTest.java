package io.salver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.cli.config.SalverYaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Option;

/** docs/reference/configuration.md says what there is, and nothing else. */
class ConfigurationReferenceTest {
  private static final Path PAGE = Path.of("../docs/reference/configuration.md");

  @TempDir Path temp;

  @Test
  void theFileInTheReferenceIsOneThatSalverReads() throws Exception {
    Matcher yaml =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
    assertThat(yaml.find()).isTrue();
    Path file = Files.writeString(temp.resolve("salver.yaml"), yaml.group(1));
    var config = SalverYaml.read(file);
    assertThat(config.limits()).isEqualTo(io.salver.cli.config.LimitsConfig.DEFAULT);
    assertThat(config.engines()).isEqualTo(io.salver.cli.config.EnginesConfig.DEFAULT);
    assertThat(config.rest()).isEqualTo(io.salver.cli.config.RestConfig.DEFAULT);
    assertThat(config.metrics()).isEqualTo(io.salver.cli.config.MetricsConfig.DEFAULT);
    assertThat(config.run().defaults())
        .isEqualTo(io.salver.cli.config.RunConfig.DEFAULT.defaults());
    assertThat(config.log()).isEqualTo(io.salver.cli.config.LogConfig.DEFAULT);
  }

  @Test
  void everyFlagIsInTheReference() throws Exception {
    String page = Files.readString(PAGE);
    Stream.of(ServeOptions.class, BatchingFlags.class)
        .flatMap(type -> Arrays.stream(type.getDeclaredFields()))
        .map(field -> field.getAnnotation(Option.class))
        .filter(java.util.Objects::nonNull)
        .flatMap(option -> Arrays.stream(option.names()))
        .forEach(name -> assertThat(page).contains("`" + name + "`"));
  }
}
