package io.salver.cli;

import io.salver.batching.BatchingOptions.Mode;
import io.salver.cli.config.BatchingConfig;
import io.salver.cli.config.ConfigException;
import io.salver.cli.config.RunConfig;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.BatchingParameterFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** TensorFlow Serving's options of batching. */
final class BatchingFlags {
  @Option(
      names = "--enable_batching",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "BOOL",
      description =
          "Batch with TensorFlow Serving's parameters and defaults, or not at all (default: with"
              + " those of the configuration file).")
  @Nullable Boolean enableBatching;

  @Option(
      names = "--batching_parameters_file",
      paramLabel = "FILE",
      description = "BatchingParameters in text form; needs --enable_batching.")
  @Nullable Path batchingParametersFile;

  @Option(
      names = "--enable_per_model_batching_parameters",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "BOOL",
      description =
          "Versions with a batching_params.pbtxt in their directory are batched as it says; needs"
              + " --enable_batching.")
  @Nullable Boolean perModel;

  /** What the configuration file says, with these options over it. */
  RunConfig over(RunConfig base) {
    boolean inModel = Boolean.TRUE.equals(perModel);
    if (!Boolean.TRUE.equals(enableBatching)) {
      refuseWithoutBatching(inModel);
      return enableBatching == null
          ? base
          : with(base, base.defaults().batching().withMode(Mode.OFF), false);
    }
    return with(base, base.defaults().batching().with(parameters()), inModel);
  }

  private void refuseWithoutBatching(boolean inModel) {
    if (batchingParametersFile != null) {
      throw new ConfigException(
          "--batching_parameters_file: "
              + batchingParametersFile
              + " without --enable_batching (expected: both or neither)");
    }
    if (inModel) {
      throw new ConfigException(
          "--enable_per_model_batching_parameters without --enable_batching"
              + " (expected: both or neither)");
    }
  }

  private static RunConfig with(RunConfig base, BatchingConfig batching, boolean inModel) {
    return new RunConfig(
        new RunConfig.OfModel(batching, base.defaults().cacheBytes()), base.byModel(), inModel);
  }

  private BatchingParameterFile parameters() {
    if (batchingParametersFile == null) {
      return BatchingParameterFile.DEFAULT;
    }
    try {
      return BatchingParameterFile.parse(Files.readString(batchingParametersFile));
    } catch (IOException e) {
      throw new ConfigException(
          "--batching_parameters_file: " + batchingParametersFile + " cannot be read: " + e);
    } catch (ServingException e) {
      throw new ConfigException(batchingParametersFile + ": " + e.getMessage());
    }
  }
}
