package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.predict.ServingException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchingParameterFileTest {
  @Test
  void nothingSaidIsTensorFlowServingsDefault() {
    assertThat(BatchingParameterFile.parse(""))
        .isEqualTo(
            new BatchingParameterFile(1_000, 1_000, Duration.ZERO, 10, 0, List.of(), false, false));
  }

  @Test
  void tensorFlowServingsOwnExampleIsRead() {
    assertThat(
            BatchingParameterFile.parse(
                """
                max_batch_size { value: 128 }
                batch_timeout_micros { value: 0 }
                max_enqueued_batches { value: 1000000 }
                num_batch_threads { value: 8 }
                """))
        .isEqualTo(
            new BatchingParameterFile(
                128, 128, Duration.ZERO, 1_000_000, 8, List.of(), false, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max_batch_size: 3|Error parsing text-format tensorflow.serving.BatchingParameters: ",
        "max_rows { value: 1 }|Error parsing text-format tensorflow.serving.BatchingParameters: ",
        "max_batch_size { value: 0 }|max_batch_size: 0 (expected: 1 to 2147483647)",
        "max_batch_size { value: 3000000000 }|max_batch_size: 3000000000 (expected:",
        "max_batch_size { value: 8 } max_execution_batch_size { value: 9 }|size: 9 (expected: 1 to 8)",
        "batch_timeout_micros { value: -1 }|batch_timeout_micros: -1 (expected: 0 to a day's)",
        "num_batch_threads { value: -1 }|num_batch_threads: -1 (expected: 0 to",
        "max_enqueued_batches { value: 0 }|max_enqueued_batches: 0 (expected: 1 to",
        "allowed_batch_sizes: [8, 4]|allowed_batch_sizes: [8, 4] (expected: each larger than the",
        "allowed_batch_sizes: [4, 8]|[4, 8] (expected: the last to be max_batch_size, 1000)",
        "allowed_batch_sizes: [0]|allowed_batch_sizes: 0 (expected: 1 to",
      })
  void whatBreaksARuleIsRefusedWithTheValueAndTheRule(String text, String message) {
    assertThatThrownBy(() -> BatchingParameterFile.parse(text))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining(message);
  }

  @Test
  void splitBatchesEndAtTheExecutionSize() {
    String text =
        "max_batch_size { value: 64 } enable_large_batch_splitting { value: true }"
            + " max_execution_batch_size { value: 16 } allowed_batch_sizes: [8, %d]";
    assertThat(BatchingParameterFile.parse(text.formatted(16)).allowedSizes())
        .containsExactly(8, 16);
    assertThatThrownBy(() -> BatchingParameterFile.parse(text.formatted(64)))
        .hasMessageContaining("(expected: the last to be max_execution_batch_size, 16)");
  }
}
