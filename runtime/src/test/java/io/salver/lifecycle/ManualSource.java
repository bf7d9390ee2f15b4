package io.salver.lifecycle;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Publishes what the test says. */
final class ManualSource implements ConfigurableSource {
  private volatile @Nullable Sink sink;

  @Override
  public void configure(List<ModelConfig> models) {}

  @Override
  public Set<Long> versions(ModelConfig model) {
    return Set.of();
  }

  @Override
  public void start(Sink target) {
    sink = target;
  }

  void publish(String model, Wanted... versions) {
    Objects.requireNonNull(sink).publish(model, List.of(versions));
  }

  @Override
  public void close() {}
}
