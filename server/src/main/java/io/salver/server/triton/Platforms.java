package io.salver.server.triton;

import io.salver.server.oip.proto.ModelConfig;
import java.util.Map;

/**
 * What Triton calls the engines.
 *
 * @param backend as {@code onnxruntime}
 * @param platform as {@code onnxruntime_onnx}
 */
record Platforms(String backend, String platform) {
  private static final Map<String, Platforms> BY_ENGINE =
      Map.of(
          "onnx", new Platforms("onnxruntime", "onnxruntime_onnx"),
          "tensorflow", new Platforms("tensorflow", "tensorflow_savedmodel"),
          "torch", new Platforms("pytorch", "pytorch_libtorch"));

  /** Those of an engine; its own name where Triton has none. */
  static Platforms of(String engine) {
    Platforms known = BY_ENGINE.get(engine);
    return known != null ? known : new Platforms(engine, engine);
  }

  /**
   * Checks that a configuration, if it names one, means {@code engine}.
   *
   * @throws ConfigProblem if it means another
   */
  static void check(ModelConfig config, String engine) throws ConfigProblem {
    Platforms own = of(engine);
    require("platform", config.getPlatform(), own.platform, engine);
    require("backend", config.getBackend(), own.backend, engine);
  }

  private static void require(String field, String value, String expected, String engine)
      throws ConfigProblem {
    if (!value.isEmpty() && !value.equals(expected) && !value.equals(engine)) {
      throw new ConfigProblem(
          field
              + ": \""
              + value
              + "\" (expected: \""
              + expected
              + "\", as the files are of the engine "
              + engine
              + ")");
    }
  }
}
