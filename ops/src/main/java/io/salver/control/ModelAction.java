package io.salver.control;

import com.google.gson.JsonObject;
import java.util.Map;

/** What an operator asks of one model. */
public sealed interface ModelAction {
  /** Be loaded; a model on demand also after a restart, until it is unloaded. */
  record Load() implements ModelAction {}

  /** Leave memory: a model on demand until it is asked for, another until it is loaded again. */
  record Unload() implements ModelAction {}

  /** Be loaded and stay so, or, if not {@code pinned}, make room for others if it is on demand. */
  record Pin(boolean pinned) implements ModelAction {}

  /** Serve this version and no other. */
  record RollBack(long version) implements ModelAction {}

  /** Have these labels and no others. */
  record Label(Map<String, Long> labels) implements ModelAction {
    public Label {
      labels = Map.copyOf(labels);
    }
  }

  /** Be as its configuration says, whatever was asked before. */
  record Reset() implements ModelAction {}

  /** Its name, as {@code rollback}. */
  default String text() {
    return switch (this) {
      case Load() -> "load";
      case Unload() -> "unload";
      case Pin(boolean pinned) -> pinned ? "pin" : "unpin";
      case RollBack(_) -> "rollback";
      case Label(_) -> "label";
      case Reset() -> "reset";
    };
  }

  /** What else it says, for the audit log: JSON, or nothing. */
  default String detail() {
    return switch (this) {
      case Load(), Unload(), Pin(_), Reset() -> "";
      case RollBack(long version) -> "{\"version\":" + version + "}";
      case Label(Map<String, Long> labels) -> {
        JsonObject json = new JsonObject();
        json.add("labels", Requested.json(labels));
        yield json.toString();
      }
    };
  }
}
