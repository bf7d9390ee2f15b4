package io.salver.server.triton;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import io.salver.batching.RunnerConfig;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelLoadException;
import io.salver.lifecycle.VersionPolicy;
import io.salver.server.oip.proto.ModelConfig;
import io.salver.server.oip.proto.ModelVersionPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What a model's {@code config.pbtxt} says. Immutable.
 *
 * @param message the file, parsed; nothing is filled in that it does not say
 */
public record TritonConfig(ModelConfig message) {
  /** The file's name in a model's directory, beside its versions. */
  public static final String FILE_NAME = "config.pbtxt";

  /** Under this key a loaded model's {@link LoadedModel#metadata} has its configuration. */
  static final String METADATA_KEY = "triton.config";

  /** Under this and an output's name it has that output's labels, a line each. */
  static final String LABELS_KEY = "triton.labels/";

  private static final long MAX_FILE_BYTES = 1 << 20;
  private static final TextFormat.Parser PARSER = TextFormat.Parser.newBuilder().build();

  /**
   * Reads the file in a model's directory.
   *
   * @return empty if there is none
   * @throws ModelLoadException if it cannot be read, with the place in it that is wrong
   */
  public static Optional<TritonConfig> read(Path modelDirectory) throws ModelLoadException {
    Path file = modelDirectory.resolve(FILE_NAME);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      long size = Files.size(file);
      if (size > MAX_FILE_BYTES) {
        throw new ModelLoadException(
            file + ": " + size + " bytes (expected: at most " + MAX_FILE_BYTES + ")");
      }
      return Optional.of(parse(Files.readString(file)));
    } catch (TextFormat.ParseException e) {
      throw new ModelLoadException(file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ModelLoadException(file + ": cannot be read: " + e, e);
    }
  }

  private static TritonConfig parse(String text) throws TextFormat.ParseException {
    ModelConfig.Builder builder = ModelConfig.newBuilder();
    PARSER.merge(text, builder);
    return new TritonConfig(builder.build());
  }

  /** What {@code model} was configured with; empty if there was no file. */
  public static Optional<TritonConfig> of(LoadedModel model) {
    return model.metadata(METADATA_KEY).map(TritonConfig::parse);
  }

  private static TritonConfig parse(byte[] message) {
    try {
      return new TritonConfig(ModelConfig.parseFrom(message));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a model's own configuration", e);
    }
  }

  /**
   * The labels of an output's indices, for classification.
   *
   * @return by index; empty if its configuration names no file of labels
   */
  public static List<String> labels(LoadedModel model, String output) {
    return model
        .metadata(LABELS_KEY + output)
        .map(text -> new String(text, StandardCharsets.UTF_8).lines().toList())
        .orElse(List.of());
  }

  /** The most rows of a request; 0 if the first dimension is none of a batch. */
  public int maxBatchSize() {
    return message.getMaxBatchSize();
  }

  /** Whether answers may be remembered. */
  public boolean cachesResponses() {
    return message.getResponseCache().getEnable();
  }

  /**
   * How the model's requests are run.
   *
   * @param base what holds for models that say nothing
   */
  public RunnerConfig runner(RunnerConfig base) {
    return Running.of(message, base);
  }

  /** Which versions are to be served; the newest one, unless the file says otherwise. */
  public VersionPolicy versions() {
    ModelVersionPolicy policy = message.getVersionPolicy();
    return switch (policy.getPolicyChoiceCase()) {
      case LATEST -> latest(policy.getLatest().getNumVersions());
      case ALL -> new VersionPolicy.All();
      case SPECIFIC ->
          policy.getSpecific().getVersionsCount() == 0
              ? VersionPolicy.LATEST
              : new VersionPolicy.Specific(new TreeSet<>(policy.getSpecific().getVersionsList()));
      case POLICYCHOICE_NOT_SET -> VersionPolicy.LATEST;
    };
  }

  /** What does not fit an int is as good as all. */
  private static VersionPolicy latest(int unsignedCount) {
    if (unsignedCount == 0) {
      return VersionPolicy.LATEST;
    }
    return new VersionPolicy.Latest(unsignedCount < 0 ? Integer.MAX_VALUE : unsignedCount);
  }
}
