package io.salver.source;

import io.salver.lifecycle.BasePath;
import io.salver.lifecycle.ConfigurableSource;
import io.salver.lifecycle.FileSystemSource;
import io.salver.lifecycle.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Models in directories and in stores, as one source. Thread-safe. */
public final class ModelSources implements ConfigurableSource {
  private final FileSystemSource directories;
  private final StoreSource stores;

  /**
   * A source that does nothing before {@link #start}. The cache of stores is not touched, and no
   * client of theirs is loaded, before a model in one is configured.
   *
   * @param poll the time between two looks at directories, as {@link FileSystemSource} takes it
   */
  public ModelSources(Duration poll, StoreOptions options) {
    this.directories = new FileSystemSource(poll);
    this.stores = new StoreSource(options);
  }

  /** Each of them takes the models that are its. */
  @Override
  public void configure(List<ModelConfig> models) {
    directories.configure(models);
    stores.configure(models);
  }

  @Override
  public void start(Sink sink) {
    directories.start(sink);
    stores.start(sink);
  }

  @Override
  public void attend(Predicate<String> often) {
    directories.attend(often);
    stores.attend(often);
  }

  @Override
  public void spare(Predicate<Path> inUse) {
    stores.spare(inUse);
  }

  @Override
  public Set<Long> versions(ModelConfig model) throws IOException {
    return switch (model.basePath()) {
      case BasePath.Local _ -> directories.versions(model);
      case BasePath.Remote _ -> stores.versions(model);
    };
  }

  @Override
  public void close() {
    directories.close();
    stores.close();
  }
}
