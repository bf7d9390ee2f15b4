package io.salver.engine;

import java.util.Map;
import java.util.Set;

/**
 * Knows one model format.
 *
 * <p>Thread-safe. Both methods may be slow, and are never called on a thread that serves requests.
 * A model is code: whoever may write into a model directory may run code here, so engines guard
 * against broken files, not against a hostile author. They do keep to the model's own directory.
 */
public interface Engine extends AutoCloseable {
  /** The engine's name, as {@code onnx}: lower case, stable, used in configuration and metrics. */
  String name();

  /**
   * Looks at a version's files without loading them: cheap enough to be repeated every second.
   *
   * @return whether they are of this format, whole, and how much memory they will take
   */
  Inspection inspect(ModelFiles files);

  /**
   * What the files say of themselves that loading them does not show, for a person to read: as
   * "operators" and their names. In the order in which it should be shown; empty if there is
   * nothing.
   *
   * @throws ModelLoadException if they cannot be read
   */
  default Map<String, String> describe(ModelFiles files) throws ModelLoadException {
    return Map.of();
  }

  /**
   * The kinds of {@link Device} that it knows how to run models on; whether this machine has one is
   * found out by loading.
   */
  default Set<String> deviceKinds() {
    return Set.of(Device.CPU.kind());
  }

  /**
   * Loads a version for which {@link #inspect} said {@link Inspection.Ready}.
   *
   * @throws ModelLoadException if the files are broken or need what this engine or its {@link
   *     EngineOptions#device} does not have; the message names the file or the device, and the
   *     reason
   */
  LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException;

  /** Gives up what the engine shares between its models. Called once, when none is loaded. */
  @Override
  void close();
}
