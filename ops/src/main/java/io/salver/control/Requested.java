package io.salver.control;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.salver.endpoint.JsonTrees;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What holds of a model by request, and lies over what its configuration says. A value.
 *
 * @param declaration {@linkplain #words what the configuration said} when it was asked for; once it
 *     says something else, the configuration is the newer word, and nothing of this holds
 * @param pinned whether it stays in memory; empty if that was not asked for, as in all others
 * @param version the only one that is served
 * @param labels all labels
 * @param loaded true if it is to be loaded at start though it is on demand; false if it is to be
 *     out of memory though it is not
 */
public record Requested(
    String declaration,
    Optional<Boolean> pinned,
    Optional<Long> version,
    Optional<Map<String, Long>> labels,
    Optional<Boolean> loaded) {
  private static final String DECLARATION = "declaration";
  private static final String PINNED = "pinned";
  private static final String VERSION = "version";
  private static final String LABELS = "labels";
  private static final String LOADED = "loaded";

  public Requested {
    labels = labels.map(Map::copyOf);
  }

  /** Nothing was asked for of a model that is configured like this. */
  static Requested nothing(ModelConfig config) {
    return new Requested(
        words(config), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** What a configuration says that could also be asked for; where the files are is not part. */
  static String words(ModelConfig config) {
    return config.versions()
        + " "
        + new TreeMap<>(config.labels())
        + (config.onDemand() ? " on demand" : "")
        + (config.pinned() ? " pinned" : "");
  }

  /** Whether the configuration still says what it said when this was asked for. */
  boolean holdsFor(ModelConfig config) {
    return declaration.equals(words(config));
  }

  /** Whether the configuration alone says how the model is. */
  public boolean isNothing() {
    return pinned.isEmpty() && version.isEmpty() && labels.isEmpty() && loaded.isEmpty();
  }

  /** Whether the model is to be out of memory until it is loaded by request. */
  boolean isOut() {
    return loaded.equals(Optional.of(false));
  }

  /** Whether the model is to be loaded without having been asked for by a prediction. */
  boolean isIn() {
    return loaded.equals(Optional.of(true));
  }

  /** How the model is to be served that is configured like this. */
  ModelConfig over(ModelConfig config) {
    ModelConfig result = config;
    if (pinned.isPresent()) {
      result = result.withResidence(config.onDemand(), pinned.get());
    }
    if (version.isPresent()) {
      VersionPolicy only = new VersionPolicy.Specific(new TreeSet<>(Set.of(version.get())));
      result = result.withVersions(only);
    }
    return labels.isPresent() ? result.withLabels(labels.get()) : result;
  }

  /** This, after something more was asked for of the model that is configured like this. */
  Requested after(ModelAction action, ModelConfig config) {
    return switch (action) {
      case ModelAction.Load() -> withLoaded(over(config).staysLoaded() ? null : true);
      case ModelAction.Unload() -> withLoaded(over(config).staysLoaded() ? false : null);
      case ModelAction.Pin(boolean pin) ->
          new Requested(
              declaration,
              Optional.of(pin).filter(asked -> asked != config.pinned()),
              version,
              labels,
              pin ? Optional.empty() : loaded);
      case ModelAction.RollBack(long only) ->
          new Requested(declaration, pinned, Optional.of(only), labels, loaded);
      case ModelAction.Label(Map<String, Long> all) ->
          new Requested(declaration, pinned, version, Optional.of(all), loaded);
      case ModelAction.Reset() -> nothing(config);
    };
  }

  private Requested withLoaded(@Nullable Boolean value) {
    return new Requested(declaration, pinned, version, labels, Optional.ofNullable(value));
  }

  /** What holds, as JSON. */
  public JsonObject json() {
    JsonObject json = new JsonObject();
    pinned.ifPresent(value -> json.addProperty(PINNED, value));
    version.ifPresent(value -> json.addProperty(VERSION, value));
    labels.ifPresent(value -> json.add(LABELS, json(value)));
    loaded.ifPresent(value -> json.addProperty(LOADED, value));
    return json;
  }

  static JsonObject json(Map<String, Long> labels) {
    JsonObject json = new JsonObject();
    new TreeMap<>(labels).forEach(json::addProperty);
    return json;
  }

  /** As it is kept. */
  String write() {
    JsonObject json = json();
    json.addProperty(DECLARATION, declaration);
    return json.toString();
  }

  /**
   * What {@link #write} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static Requested read(String text) {
    try {
      JsonObject json = JsonTrees.object(text);
      return new Requested(
          json.get(DECLARATION).getAsString(),
          Optional.ofNullable(json.get(PINNED)).map(JsonElement::getAsBoolean),
          Optional.ofNullable(json.get(VERSION)).map(JsonElement::getAsLong),
          Optional.ofNullable(json.getAsJsonObject(LABELS)).map(Requested::labels),
          Optional.ofNullable(json.get(LOADED)).map(JsonElement::getAsBoolean));
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(text + " (expected: what was asked for of a model)", e);
    }
  }

  private static Map<String, Long> labels(JsonObject json) {
    Map<String, Long> labels = new HashMap<>();
    json.asMap().forEach((label, version) -> labels.put(label, version.getAsLong()));
    return labels;
  }
}
