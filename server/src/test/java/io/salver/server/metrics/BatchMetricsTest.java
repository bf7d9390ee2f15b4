package io.salver.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.lifecycle.VersionState;
import org.junit.jupiter.api.Test;

class BatchMetricsTest {
  @Test
  void runsAreCountedByTheirRows() {
    FakeServedModels served = new FakeServedModels();
    served.set("half", "onnx", "", FakeServedModels.version(3, VersionState.AVAILABLE, ""));
    Exposition page = Exposition.of(new BatchMetrics(served));
    assertThat(page.samples())
        .containsEntry("salver_batch_rows_bucket{le=2,model=half,version=3}", 0.0)
        .containsEntry("salver_batch_rows_bucket{le=4,model=half,version=3}", 1.0)
        .containsEntry("salver_batch_rows_bucket{le=1024,model=half,version=3}", 1.0)
        .containsEntry("salver_batch_rows_bucket{le=+Inf,model=half,version=3}", 2.0)
        .containsEntry("salver_batch_rows_sum{model=half,version=3}", 2_003.0)
        .containsEntry("salver_batch_requests_total{model=half,version=3}", 3.0)
        .containsEntry(":tensorflow:serving:batching_session:wrapped_run_count", 2.0);
  }
}
