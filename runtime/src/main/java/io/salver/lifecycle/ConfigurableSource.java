package io.salver.lifecycle;

import io.salver.model.ModelSource;
import java.util.List;
import java.util.function.Predicate;

/** A source that finds the versions of the models it is told about. Thread-safe. */
public interface ConfigurableSource extends ModelSource {
  /**
   * Replaces the models to look after, and looks soon. From then on every one of them is published,
   * or said to be unreadable, at least once; what was seen under the old configuration is not
   * published any more. May be called before and after {@link #start}; returns at once.
   */
  void configure(List<ModelConfig> models);

  /**
   * Says which models on demand are to be looked at as often as those that stay loaded; the others,
   * of which there may be thousands, may be looked at rarely.
   *
   * @param often asked by threads of the source's own, by name
   */
  default void attend(Predicate<String> often) {}
}
