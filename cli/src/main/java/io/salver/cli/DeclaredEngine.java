package io.salver.cli;

import io.salver.cli.config.ConfigException;
import io.salver.cli.config.ModelYaml;
import io.salver.cli.config.Placement;
import io.salver.engine.Device;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.ForwardingEngine;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.engine.steps.Steps;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An engine that loads a version as its {@value ModelYaml#FILE_NAME} says. Where there is no such
 * file it is the engine it wraps.
 */
final class DeclaredEngine extends ForwardingEngine {
  /** The engine that can show quantised tensors as what they stand for. */
  private static final String DEQUANTIZING = "tflite";

  /** Wraps {@code engine}, and closes it when it is closed itself. */
  DeclaredEngine(Engine engine) {
    super(engine);
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    try {
      ModelYaml yaml = ModelYaml.read(files.directory());
      boolean mine = yaml.engineName().isEmpty() || yaml.engineName().get().equals(name());
      return mine ? inspect(files, yaml) : new Inspection.NotMine();
    } catch (ConfigException e) {
      // The engine says whether the files are its own; loading them then says what is wrong.
      return engine().inspect(files);
    }
  }

  private Inspection inspect(ModelFiles files, ModelYaml yaml) {
    Inspection inspection = engine().inspect(files);
    long instances = Math.max(1, yaml.placement().instances());
    return inspection instanceof Inspection.Ready(long boundBytes) && boundBytes > 0
        ? new Inspection.Ready(
            boundBytes > Long.MAX_VALUE / instances ? Long.MAX_VALUE : boundBytes * instances)
        : inspection;
  }

  /** The devices that it declares come after what the engine says. */
  @Override
  public Map<String, String> describe(ModelFiles files) throws ModelLoadException {
    Map<String, String> description = new LinkedHashMap<>(engine().describe(files));
    Placement placement = read(files).placement();
    if (!placement.devices().isEmpty()) {
      description.put("device", text(placement));
    }
    return description;
  }

  private static String text(Placement placement) {
    String devices =
        placement.devices().stream().map(Device::toString).collect(Collectors.joining(", else "));
    return devices
        + (placement.deviceMemoryLimitBytes() > 0
            ? ", at most " + placement.deviceMemoryLimitBytes() + " bytes"
            : "")
        + (placement.instances() > 0 ? ", " + placement.instances() + " instances" : "");
  }

  private static ModelYaml read(ModelFiles files) throws ModelLoadException {
    try {
      return ModelYaml.read(files.directory());
    } catch (ConfigException e) {
      throw new ModelLoadException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    ModelYaml yaml = read(files);
    if (yaml.dequantize() && !name().equals(DEQUANTIZING)) {
      throw new ModelLoadException(
          files.directory().resolve(ModelYaml.FILE_NAME)
              + ": dequantize: true for the engine "
              + name()
              + " (expected: "
              + DEQUANTIZING
              + ")");
    }
    LoadedModel model =
        engine()
            .load(
                files,
                yaml.placement().options(options, deviceKinds()).withDequantize(yaml.dequantize()));
    if (yaml.preprocess().isEmpty() && yaml.postprocess().isEmpty()) {
      return model;
    }
    try {
      return Steps.around(model, files, yaml.preprocess(), yaml.postprocess());
    } catch (ModelLoadException e) {
      throw new ModelLoadException(
          files.directory().resolve(ModelYaml.FILE_NAME) + ": " + e.getMessage(), e);
    }
  }
}
