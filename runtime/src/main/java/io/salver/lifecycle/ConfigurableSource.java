package io.salver.lifecycle;

import io.salver.model.ModelSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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

  /**
   * Says which directories versions are loaded from, or are about to be: what a source has made
   * itself it may delete only when it is not one of them.
   *
   * @param inUse asked by threads of the source's own
   */
  default void spare(Predicate<Path> inUse) {}

  /**
   * Looks which versions of a model there are, wanted or not. May block.
   *
   * @throws IOException if that cannot be found out, with the reason
   */
  Set<Long> versions(ModelConfig model) throws IOException;
}
