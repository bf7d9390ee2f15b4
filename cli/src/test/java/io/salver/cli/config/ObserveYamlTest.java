package io.salver.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.cost.Prices;
import io.salver.server.cost.CostMeter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObserveYamlTest {
  private static ObserveConfig parse(String yaml) {
    return SalverYaml.parse(yaml).observe();
  }

  @Test
  void withoutKeysNothingIsPricedOrWritten() {
    assertThat(parse(""))
        .isEqualTo(ObserveConfig.DEFAULT)
        .isEqualTo(new ObserveConfig(new CostMeter.Config(new Prices("USD", 0, 0, 0), Map.of())));
  }

  @Test
  void everyKeyIsRead() {
    assertThat(
            parse(
                """
                costs:
                  currency: EUR
                  cpu_second: 1.5
                  memory_gb_second: 2
                  accelerator_second: 3
                  accelerators: {embedder: 4}
                """))
        .isEqualTo(
            new ObserveConfig(
                new CostMeter.Config(new Prices("EUR", 1.5, 2, 3), Map.of("embedder", 4))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "costs: {cpu_second: -1}        | costs.cpu_second: -1.0 (expected: >= 0)",
        "costs: {memory_gb_second: .nan} | costs.memory_gb_second: NaN (expected: >= 0)",
        "costs: {currency: ' '}         | costs.currency: \" \" (expected: as USD)",
        "costs: {accelerators: 1}       | costs.accelerators: 1 (expected: a mapping of models to numbers)",
        "costs: {accelerators: {m: -1}} | costs.accelerators.m: -1 (expected: an integer >= 0)",
        "costs: {price: 1}              | unknown key: costs.price",
      })
  void whatCannotBeIsRefusedByItsPlace(String yaml, String message) {
    assertThatThrownBy(() -> parse(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(message);
  }
}
