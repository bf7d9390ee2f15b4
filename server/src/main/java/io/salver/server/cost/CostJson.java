package io.salver.server.cost;

import io.salver.cost.CostLedger;
import io.salver.cost.Prices;
import io.salver.server.json.JsonWriter;
import java.util.Arrays;

/** Writes a {@link CostMeter.Report}. */
final class CostJson {
  private CostJson() {}

  static byte[] of(CostMeter.Report report) {
    Prices prices = report.prices();
    JsonWriter out = new JsonWriter();
    out.raw("{\"currency\": ").string(prices.currency()).raw(", \"models\": [");
    String separator = "";
    for (CostLedger.Entry entry : report.entries()) {
      out.raw(separator).raw("{\"model\": ").string(entry.version().model());
      out.raw(", \"version\": ").value(entry.version().version());
      out.raw(", \"predictions\": ").value(entry.predictions());
      out.raw(", \"rows\": ").value(entry.rows());
      number(out, "cpu_seconds", entry.cpuSeconds());
      number(out, "run_cpu_seconds", entry.runCpuSeconds());
      number(out, "worker_cpu_seconds", entry.workerCpuSeconds());
      number(out, "server_cpu_seconds", entry.serverCpuSeconds());
      number(out, "memory_gb_seconds", entry.memoryGbSeconds());
      number(out, "accelerator_seconds", entry.acceleratorSeconds());
      number(out, "cost", entry.cost(prices));
      number(out, "cost_per_1000", entry.costPerThousand(prices));
      out.raw('}');
      separator = ", ";
    }
    out.raw(']');
    number(out, "unattributed_cpu_seconds", report.unattributedCpuSeconds());
    number(out, "unattributed_cost", report.unattributedCpuSeconds() * prices.cpuSecond());
    out.raw("}\n");
    return Arrays.copyOf(out.array(), out.size());
  }

  private static void number(JsonWriter out, String name, double value) {
    out.raw(", \"").raw(name).raw("\": ").value(value);
  }
}
