package io.salver.cost;

/**
 * What is paid for what models use.
 *
 * @param currency what the prices are in, as USD
 * @param cpuSecond for a second of one CPU
 * @param memoryGbSecond for 10<sup>9</sup> bytes of memory for a second
 * @param acceleratorSecond for a second of one accelerator
 */
public record Prices(
    String currency, double cpuSecond, double memoryGbSecond, double acceleratorSecond) {
  /** Nothing costs anything. */
  public static final Prices NONE = new Prices("USD", 0, 0, 0);

  public Prices {
    if (currency.isBlank()) {
      throw new IllegalArgumentException("currency: \"" + currency + "\" (expected: as USD)");
    }
    check("cpu_second", cpuSecond);
    check("memory_gb_second", memoryGbSecond);
    check("accelerator_second", acceleratorSecond);
  }

  private static void check(String name, double price) {
    if (!(price >= 0 && price < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + ": " + price + " (expected: >= 0)");
    }
  }
}
