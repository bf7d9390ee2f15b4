package io.salver.server.triton;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import com.google.protobuf.util.JsonFormat;
import io.salver.predict.ServingException;
import io.salver.server.oip.proto.ModelConfig;
import java.util.Map;
import java.util.Optional;

/**
 * What a request to load a model has instead of what is in the repository.
 *
 * @param config a model configuration as JSON
 * @param files contents by path in the model's directory, as {@code 1/model.onnx}
 */
public record Overrides(Optional<String> config, Map<String, byte[]> files) {
  /** Nothing instead. */
  public static final Overrides NONE = new Overrides(Optional.empty(), Map.of());

  private static final int MAX_FILES = 256;
  private static final int MAX_PATH_LENGTH = 1_024;

  /**
   * Overrides that can be written.
   *
   * @throws ServingException INVALID_ARGUMENT if there are too many files, or one has a path that
   *     is not below the model's directory
   */
  public Overrides {
    files = Map.copyOf(files);
    if (files.size() > MAX_FILES) {
      throw ServingException.invalid(
          "file: " + files.size() + " overrides (expected: at most " + MAX_FILES + ")");
    }
    files.keySet().forEach(Overrides::checkPath);
    if (!files.isEmpty() && config.isEmpty()) {
      throw ServingException.invalid(
          "file: "
              + files.size()
              + " overrides without config (expected: a config override beside them)");
    }
  }

  private static void checkPath(String path) {
    boolean fits = path.length() <= MAX_PATH_LENGTH && !path.equals(TritonConfig.FILE_NAME);
    for (String name : path.split("/", -1)) {
      fits &=
          !name.isEmpty()
              && !name.equals(".")
              && !name.equals("..")
              && name.indexOf('\\') < 0
              && name.chars().noneMatch(Character::isISOControl);
    }
    if (!fits) {
      throw ServingException.invalid(
          "file:"
              + path
              + " (expected: a path below the model's directory, as file:1/model.onnx, not "
              + TritonConfig.FILE_NAME
              + ")");
    }
  }

  boolean isEmpty() {
    return config.isEmpty() && files.isEmpty();
  }

  /**
   * The configuration in the form of the repository's files, if there is one.
   *
   * @throws ServingException INVALID_ARGUMENT if it is not one
   */
  Optional<String> configText() {
    return config.map(json -> {
      ModelConfig.Builder builder = ModelConfig.newBuilder();
      try {
        JsonFormat.parser().merge(json, builder);
      } catch (InvalidProtocolBufferException e) {
        throw ServingException.invalid("Invalid config override: " + e.getMessage());
      }
      return TextFormat.printer().printToString(builder.build());
    });
  }
}
