package io.salver.server.admin;

import io.salver.control.ModelOperations;
import io.salver.lifecycle.ModelControl.MemoryUse;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.VersionStatus;
import io.salver.server.json.JsonWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes models as operators see them. Stateless. */
final class ModelsJson {
  private ModelsJson() {}

  /** All models, and their memory; no budget is written as null. */
  static JsonWriter list(List<ModelOperations.Shown> models, MemoryUse memory) {
    JsonWriter out = new JsonWriter().raw("{\"models\":[");
    String before = "";
    for (ModelOperations.Shown model : models) {
      write(model, out.raw(before));
      before = ",";
    }
    out.raw("],\"budget_bytes\":");
    if (memory.budgetBytes() == Long.MAX_VALUE) {
      out.raw("null");
    } else {
      out.value(memory.budgetBytes());
    }
    return out.raw(",\"used_bytes\":").value(memory.usedBytes()).raw("}\n");
  }

  /** One model. */
  static JsonWriter model(ModelOperations.Shown model) {
    JsonWriter out = new JsonWriter();
    write(model, out);
    return out.raw('\n');
  }

  private static void write(ModelOperations.Shown shown, JsonWriter out) {
    ModelStatus model = shown.status();
    out.raw("{\"name\":").string(model.name());
    out.raw(",\"pinned\":").value(model.pinned());
    out.raw(",\"on_demand\":").value(model.onDemand());
    out.raw(",\"reason\":").string(model.reason());
    out.raw(",\"by_request\":").raw(shown.requested().json().toString());
    out.raw(",\"labels\":{");
    String before = "";
    for (Map.Entry<String, Long> label : new TreeMap<>(model.labels()).entrySet()) {
      out.raw(before).string(label.getKey()).raw(':').value(label.getValue().longValue());
      before = ",";
    }
    out.raw("},\"versions\":[");
    before = "";
    for (VersionStatus version : model.versions()) {
      write(version, model.labels(), out.raw(before));
      before = ",";
    }
    out.raw("]}");
  }

  private static void write(VersionStatus version, Map<String, Long> labels, JsonWriter out) {
    out.raw("{\"version\":").value(version.version());
    out.raw(",\"state\":").string(version.state().name());
    out.raw(",\"error\":").string(version.reason());
    out.raw(",\"labels\":[");
    String before = "";
    for (Map.Entry<String, Long> label : new TreeMap<>(labels).entrySet()) {
      if (label.getValue() == version.version()) {
        out.raw(before).string(label.getKey());
        before = ",";
      }
    }
    out.raw("],\"engine\":").string(version.engine());
    out.raw(",\"memory_bytes\":").value(version.memoryBytes());
    Instant lastUsed = version.lastUsed();
    out.raw(",\"last_used\":");
    if (lastUsed == null) {
      out.raw("null");
    } else {
      out.string(lastUsed.toString());
    }
    out.raw('}');
  }
}
