package io.salver.engine.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class WorkerLogTest {
  private static WorkerLog read(String output) {
    WorkerLog log =
        new WorkerLog(new ByteArrayInputStream(output.getBytes(StandardCharsets.UTF_8)), "test");
    log.run();
    return log;
  }

  @Test
  void theLastLinesAreKept() {
    StringBuilder output = new StringBuilder();
    for (int i = 0; i < 5_000; i++) {
      output.append("line ").append(i).append('\n');
    }
    assertThat(read(output + "end").tail()).hasSize(12).startsWith("line 4989").endsWith("end");
    assertThat(read("").tail()).isEmpty();
  }

  @Test
  void longLinesAreCut() {
    assertThat(read("x".repeat(5_000) + "\nshort\n").tail())
        .containsExactly("x".repeat(2_048) + " ... and 2952 bytes more", "short");
  }
}
