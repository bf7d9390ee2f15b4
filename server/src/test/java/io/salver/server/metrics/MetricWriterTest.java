package io.salver.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MetricWriterTest {
  private final MetricWriter out = new MetricWriter();

  @Test
  void labelValuesAreEscapedAndReadBackAsTheyWere() {
    String hostile = "a\"b\\n\nc\\\"},le=\"1\"} 7 é€😀";
    out.gauge("g", "Help with \\ and\na line feed.");
    out.sample(MetricWriter.labels("model", hostile, "version", ""), 1);

    assertThat(out.toString())
        .startsWith("# HELP g Help with \\\\ and\\na line feed.\n# TYPE g gauge\n");
    assertThat(Exposition.parse(out.toString()).samples())
        .containsOnlyKeys("g{model=" + hostile + ",version=}");
  }

  @Test
  void numbersAreWrittenAsPrometheusReadsThem() {
    out.gauge("g", "");
    out.sample("", 12L);
    out.sample("", 12.0);
    out.sample("", 1.5e-9);
    out.sample("", Double.POSITIVE_INFINITY);
    out.sample("", Double.NEGATIVE_INFINITY);
    out.sample("", Double.NaN);
    out.sample("", 1e300);

    assertThat(out.toString().lines().skip(2))
        .containsExactly("g 12", "g 12", "g 1.5E-9", "g +Inf", "g -Inf", "g NaN", "g 1.0E300");
  }

  @Test
  void aFamilyThatComesTwiceIsRefused() {
    out.gauge("g", "");

    assertThatThrownBy(() -> out.counter("g", ""))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("g (expected: written once)");
  }

  @Test
  void aLabelWithoutAValueIsRefused() {
    assertThatThrownBy(() -> MetricWriter.labels("model"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[model]");
  }
}
