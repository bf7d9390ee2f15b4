package io.salver.server.tfserving;

import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.VersionStatus;
import io.salver.server.json.JsonWriter;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes the list of all models, which TensorFlow Serving does not have. Stateless. */
final class ModelListJson {
  private ModelListJson() {}

  /** Appends {@code {"models": [...]}}. */
  static void write(List<ModelStatus> models, JsonWriter out) {
    out.raw("{\"models\":[");
    for (Iterator<ModelStatus> i = models.iterator(); i.hasNext(); ) {
      write(i.next(), out);
      comma(i, out);
    }
    out.raw("]}\n");
  }

  private static void write(ModelStatus model, JsonWriter out) {
    out.raw("{\"name\":").string(model.name());
    out.raw(",\"engine\":").string(model.engine());
    out.raw(",\"versions\":[");
    for (Iterator<VersionStatus> i = model.versions().iterator(); i.hasNext(); ) {
      write(i.next(), out);
      comma(i, out);
    }
    out.raw("],\"labels\":{");
    Iterator<Map.Entry<String, Long>> labels = new TreeMap<>(model.labels()).entrySet().iterator();
    while (labels.hasNext()) {
      Map.Entry<String, Long> label = labels.next();
      out.string(label.getKey()).raw(":\"").raw(label.getValue().toString()).raw('"');
      comma(labels, out);
    }
    out.raw("},\"reason\":").string(model.reason()).raw('}');
  }

  private static void write(VersionStatus version, JsonWriter out) {
    out.raw("{\"version\":\"").raw(Long.toString(version.version())).raw('"');
    out.raw(",\"state\":").string(version.state().name());
    out.raw(",\"reason\":").string(version.reason());
    out.raw(",\"since\":").string(version.since().toString()).raw('}');
  }

  private static void comma(Iterator<?> rest, JsonWriter out) {
    if (rest.hasNext()) {
      out.raw(',');
    }
  }
}
