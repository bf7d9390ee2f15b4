package io.salver.cli.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class FormattersTest {
  private static LogRecord record(Level level, String message) {
    LogRecord record = new LogRecord(level, message);
    record.setInstant(Instant.parse("2026-11-22T14:05:06.789Z"));
    record.setLoggerName("io.salver.lifecycle.ModelManager");
    return record;
  }

  /** YAML 1.2 contains JSON, and its parser is there. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> parsed(String json) {
    return (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(json);
  }

  @Test
  void textIsOneLineWithTheLoggersShortName() {
    assertThat(new TextFormatter(ZoneOffset.UTC).format(record(Level.INFO, "ready")))
        .isEqualTo("2026-11-22 14:05:06.789 INFO    ModelManager: ready" + System.lineSeparator());
  }

  @Test
  void textHasTheExceptionBelow() {
    LogRecord record = record(Level.SEVERE, "failed");
    record.setThrown(new IllegalStateException("because"));

    assertThat(new TextFormatter(ZoneOffset.UTC).format(record))
        .startsWith("2026-11-22 14:05:06.789 ERROR   ModelManager: failed" + System.lineSeparator())
        .contains("java.lang.IllegalStateException: because", "\tat io.salver.cli.logging");
  }

  @Test
  void aMessageCannotForgeALineOrDriveTheTerminal() {
    String forged = "model \"x\n2026-11-22 14:05:06.789 INFO    Fake: \u001b[31mred\u0000\u007f";

    assertThat(new TextFormatter(ZoneOffset.UTC).format(record(Level.INFO, forged)))
        .contains("model \"x\\n2026-11-22 14:05:06.789 INFO    Fake: \\x1b[31mred\\x00\\x7f")
        .hasLineCount(1);
  }

  @Test
  void jsonHasEveryFieldAndReadsBack() {
    String message = "quote \" back\\slash\nline\ttab \u0001 \u007f é € 😀";
    LogRecord record = record(Level.WARNING, message);
    record.setThrown(new IllegalStateException("a \"cause\""));
    String line = new JsonFormatter().format(record);

    assertThat(line).hasLineCount(1).endsWith("}\n");
    Map<String, Object> fields = parsed(line);
    assertThat(fields)
        .containsEntry("time", "2026-11-22T14:05:06.789Z")
        .containsEntry("level", "WARNING")
        .containsEntry("logger", "io.salver.lifecycle.ModelManager")
        .containsEntry("thread", Thread.currentThread().getName())
        .containsEntry("message", message);
    assertThat(fields.get("error"))
        .asInstanceOf(
            org.assertj.core.api.InstanceOfAssertFactories.map(String.class, String.class))
        .containsEntry("type", "java.lang.IllegalStateException")
        .containsEntry("message", "a \"cause\"")
        .hasEntrySatisfying("stack", stack -> assertThat(stack).contains("\tat io.salver"));
  }

  @Test
  void jsonLeavesOutTheErrorWhereThereIsNone() {
    assertThat(parsed(new JsonFormatter().format(record(Level.FINE, "x"))))
        .containsOnlyKeys("time", "level", "logger", "thread", "message")
        .containsEntry("level", "DEBUG");
  }

  @Test
  void jsonEscapesHalfASurrogatePair() {
    assertThat(new JsonFormatter().format(record(Level.INFO, "a\ud83d b\ude00 \ud83d\ude00")))
        .contains("\"a\\ud83d b\\ude00 \ud83d\ude00\"");
  }

  @Test
  void parametersAreFilledIn() {
    LogRecord record = record(Level.INFO, "{0} of {1}");
    record.setParameters(new Object[] {"3", "half"});

    assertThat(new JsonFormatter().format(record)).contains("\"message\":\"3 of half\"");
  }

  @Test
  void levelsKeepTheNamesThatSystemLoggerHas() {
    assertThat(Logging.levelName(Level.SEVERE)).isEqualTo("ERROR");
    assertThat(Logging.levelName(Level.CONFIG)).isEqualTo("DEBUG");
    assertThat(Logging.levelName(Level.FINER)).isEqualTo("TRACE");
  }

  @Test
  void configureSendsWhatIsLoggedToStandardErrorFromTheLevelOn() {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      Logging.configure(LogFormat.JSON, System.Logger.Level.WARNING);
      System.Logger logger = System.getLogger("io.salver.test.Configured");
      logger.log(System.Logger.Level.INFO, "left out");
      logger.log(System.Logger.Level.WARNING, "model {0}: {1}", "half/3", "slow");
    } finally {
      System.setErr(before);
      Logging.configure(LogFormat.TEXT, System.Logger.Level.INFO);
    }

    assertThat(captured.toString(StandardCharsets.UTF_8))
        .hasLineCount(1)
        .contains("\"logger\":\"io.salver.test.Configured\"", "\"message\":\"model half/3: slow\"");
  }
}
