package io.salver.cli;

import io.salver.batching.BatchingOptions.Mode;
import io.salver.batching.ModelRunner;
import io.salver.batching.RunnerConfig;
import io.salver.cache.CacheOptions;
import io.salver.cache.PredictionCache;
import io.salver.cli.config.BatchingConfig;
import io.salver.cli.config.ConfigException;
import io.salver.cli.config.EnginesConfig;
import io.salver.cli.config.LimitsConfig;
import io.salver.cli.config.RunConfig;
import io.salver.cli.config.SalverConfig;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.lifecycle.VersionRunner;
import io.salver.model.ModelVersion;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.BatchingParameterFile;
import io.salver.server.triton.TritonConfig;
import io.salver.tensor.MemoryBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Makes each version's last stages as its model is configured. What a model's {@code config.pbtxt}
 * says holds before what is said for it elsewhere. Thread-safe.
 */
final class Runners implements VersionRunner.Factory {
  /** What a model's own configuration that asks for a cache does not say. */
  private static final long CACHE_BYTES = 64 << 20;

  private final RunConfig run;
  private final EnginesConfig engines;
  private final LimitsConfig limits;

  /** What the copies in batches may take: as much again as the requests themselves. */
  private final MemoryBudget batchMemory;

  Runners(SalverConfig config) {
    this.run = config.run();
    this.engines = config.engines();
    this.limits = config.limits();
    this.batchMemory = new MemoryBudget(limits.maxInFlightBytes());
  }

  @Override
  public VersionRunner create(ModelVersion version, LoadedModel model) {
    return create(version, model, run.of(version.model()).batching());
  }

  @Override
  public VersionRunner create(ModelVersion version, ModelFiles files, LoadedModel model)
      throws ModelLoadException {
    BatchingConfig batching = run.of(version.model()).batching();
    Path own = files.directory().resolve(BatchingParameterFile.NAME_IN_MODEL);
    return create(
        version,
        model,
        run.parametersInModel() && Files.exists(own) ? with(batching, own) : batching);
  }

  /** Who puts parameters beside a model says that it can be batched. */
  private static BatchingConfig with(BatchingConfig batching, Path file) throws ModelLoadException {
    try {
      BatchingParameterFile parameters = BatchingParameterFile.parse(Files.readString(file));
      return batching.with(parameters).withMode(Mode.ON);
    } catch (IOException e) {
      throw new ModelLoadException(file + " cannot be read: " + e);
    } catch (ServingException | ConfigException e) {
      throw new ModelLoadException(file + ": " + e.getMessage());
    }
  }

  private VersionRunner create(ModelVersion version, LoadedModel model, BatchingConfig batching) {
    Optional<TritonConfig> own = TritonConfig.of(model);
    RunnerConfig common = runner(batching);
    RunnerConfig config = own.map(triton -> triton.runner(common)).orElse(common);
    VersionRunner runner =
        ModelRunner.factory(_ -> config, limits.maxRequestTensorBytes(), batchMemory)
            .create(version, model);
    long cacheBytes = run.of(version.model()).cacheBytes();
    if (cacheBytes == 0 && own.isPresent() && own.get().cachesResponses()) {
      cacheBytes = CACHE_BYTES;
    }
    return cacheBytes == 0 ? runner : PredictionCache.of(runner, new CacheOptions(cacheBytes));
  }

  private RunnerConfig runner(BatchingConfig batching) {
    return new RunnerConfig(
        batching.runners(engines),
        limits.maxQueuedPerModel(),
        engines.inlineBound(),
        batching.batchingOptions(),
        batching.admissionOptions());
  }
}
