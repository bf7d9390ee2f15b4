package io.salver.engine;

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
   * Loads a version for which {@link #inspect} said {@link Inspection.Ready}.
   *
   * @throws ModelLoadException if the files are broken or need what this engine does not have; the
   *     message names the file and the reason
   */
  LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException;

  /** Gives up what the engine shares between its models. Called once, when none is loaded. */
  @Override
  void close();
}
