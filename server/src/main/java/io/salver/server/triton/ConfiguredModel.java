package io.salver.server.triton;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.Signature;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A model that knows what it was configured with. */
final class ConfiguredModel implements LoadedModel {
  private final LoadedModel model;
  private final byte[] config;
  private final Map<String, byte[]> labels;

  /**
   * A configured model.
   *
   * @param config the message
   * @param labels by output
   */
  ConfiguredModel(LoadedModel model, byte[] config, Map<String, byte[]> labels) {
    this.model = model;
    this.config = config;
    this.labels = Map.copyOf(labels);
  }

  @Override
  public Map<String, Signature> signatures() {
    return model.signatures();
  }

  @Override
  public boolean isConcurrent() {
    return model.isConcurrent();
  }

  @Override
  public int workers() {
    return model.workers();
  }

  @Override
  public boolean isApproximate() {
    return model.isApproximate();
  }

  @Override
  public long workerCpuNs() {
    return model.workerCpuNs();
  }

  @Override
  public void run(Batch batch) {
    model.run(batch);
  }

  @Override
  public List<byte[]> examples(Signature signature, int input) {
    return model.examples(signature, input);
  }

  @Override
  public long memoryBytes() {
    return model.memoryBytes();
  }

  @Override
  public Optional<byte[]> metadata(String key) {
    if (key.equals(TritonConfig.METADATA_KEY)) {
      return Optional.of(config.clone());
    }
    if (key.startsWith(TritonConfig.LABELS_KEY)) {
      byte @Nullable [] text = labels.get(key.substring(TritonConfig.LABELS_KEY.length()));
      return Optional.ofNullable(text).map(byte[]::clone);
    }
    return model.metadata(key);
  }

  @Override
  public void close() {
    model.close();
  }
}
