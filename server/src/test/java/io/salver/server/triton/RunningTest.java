package io.salver.server.triton;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.salver.batching.BatchPolicy;
import io.salver.batching.BatchingOptions;
import io.salver.batching.RunnerConfig;
import io.salver.server.oip.proto.ModelConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunningTest {
  private static final RunnerConfig BASE = new RunnerConfig(3, 77, Duration.ofMillis(1));

  private static RunnerConfig of(String config) throws TextFormat.ParseException {
    return new TritonConfig(TextFormat.parse(config, ModelConfig.class)).runner(BASE);
  }

  @Test
  void requestsAreNotPutTogetherUnlessTheFileSaysSo() throws Exception {
    RunnerConfig runner = of("max_batch_size: 8");
    assertThat(runner.batching().mode()).isEqualTo(BatchingOptions.Mode.OFF);
    assertThat(runner.batching().maxRequestRows()).isEqualTo(8);
    assertThat(runner.instances()).isEqualTo(3);
    assertThat(runner.maxQueued()).isEqualTo(77);
    assertThat(runner.inlineBound()).isEqualTo(Duration.ofMillis(1));
  }

  @Test
  void everyPartOfDynamicBatchingThatThereIsHasItsEffect() throws Exception {
    RunnerConfig runner =
        of(
            """
            max_batch_size: 16
            instance_group [ { count: 2 }, { kind: KIND_CPU } ]
            dynamic_batching {
              preferred_batch_size: [ 4, 8 ]
              max_queue_delay_microseconds: 150
              priority_levels: 3
              default_priority_level: 2
              default_queue_policy { default_timeout_microseconds: 5000 max_queue_size: 40 }
            }
            """);
    BatchingOptions batching = runner.batching();
    assertThat(batching.mode()).isEqualTo(BatchingOptions.Mode.ON);
    assertThat(batching.policy()).isEqualTo(new BatchPolicy.Fixed(8));
    assertThat(batching.maxRequestRows()).isEqualTo(16);
    assertThat(batching.timeout()).isEqualTo(Duration.ofNanos(150_000));
    assertThat(batching.priorityLevels()).isEqualTo(3);
    assertThat(batching.defaultPriority()).isEqualTo(2);
    assertThat(batching.queueTimeout()).isEqualTo(Duration.ofMillis(5));
    assertThat(runner.instances()).isEqualTo(3);
    assertThat(runner.maxQueued()).isEqualTo(40);
  }

  @Test
  void withoutPreferredSizesARunHasAtMostTheLargestSize() throws Exception {
    BatchingOptions batching = of("max_batch_size: 16 dynamic_batching { }").batching();
    assertThat(batching.policy()).isEqualTo(new BatchPolicy.Fixed(16));
    assertThat(batching.timeout()).isEqualTo(Duration.ZERO);
    assertThat(batching.queueTimeout()).isEqualTo(Duration.ZERO);
  }

  @Test
  void numbersBeyondTheirTypeAreAsLargeAsCanBe() throws Exception {
    RunnerConfig runner =
        of(
            """
            max_batch_size: 1
            dynamic_batching {
              max_queue_delay_microseconds: 18446744073709551615
              default_queue_policy { max_queue_size: 4294967295 }
            }
            """);
    assertThat(runner.maxQueued()).isEqualTo(Integer.MAX_VALUE);
    assertThat(runner.batching().timeout()).isEqualTo(Duration.ofDays(10_000));
  }
}
