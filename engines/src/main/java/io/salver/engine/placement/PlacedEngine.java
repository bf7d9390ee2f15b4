package io.salver.engine.placement;

import io.salver.engine.Device;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.ForwardingEngine;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * An engine that loads a model on the first of the wanted devices on which that works, and as many
 * times as there are to be instances.
 *
 * <p>That a device did not work is a warning, with the reason, if another one does; and otherwise
 * part of what the load fails with. A model on an accelerator has one instance unless more are
 * asked for. On the CPU a model that may be run concurrently is loaded once, however many instances
 * it has.
 */
public final class PlacedEngine extends ForwardingEngine {
  private static final Logger LOG = System.getLogger(PlacedEngine.class.getName());

  /** Wraps {@code engine}, and closes it when it is closed itself. */
  public PlacedEngine(Engine engine) {
    super(engine);
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    if (options.deviceMemoryLimitBytes() > 0
        && options.devices().stream().allMatch(Device::isCpu)) {
      throw new ModelLoadException(
          "device_memory_limit_bytes: %d on the device cpu (expected: an accelerator)"
              .formatted(options.deviceMemoryLimitBytes()));
    }
    List<String> reasons = new ArrayList<>();
    for (Device device : options.devices()) {
      try {
        LoadedModel model = load(files, options, device);
        if (!reasons.isEmpty()) {
          LOG.log(
              Level.WARNING,
              "{0} runs on {1}, the next of the devices {2}: {3}",
              files,
              device,
              options.devices(),
              String.join("; ", reasons));
        }
        return model;
      } catch (ModelLoadException e) {
        if (options.devices().size() == 1) {
          throw e;
        }
        reasons.add("not on " + device + ": " + e.getMessage());
      }
    }
    throw new ModelLoadException(String.join("; ", reasons));
  }

  private LoadedModel load(ModelFiles files, EngineOptions options, Device device)
      throws ModelLoadException {
    if (!deviceKinds().contains(device.kind())) {
      throw new ModelLoadException(
          "device: %s (expected: one of %s, on which the engine %s can run models)"
              .formatted(device, new TreeSet<>(deviceKinds()), name()));
    }
    EngineOptions here = options.withDevices(List.of(device));
    int instances = device.isCpu() ? options.instances() : Math.max(1, options.instances());
    if (instances == 0) {
      return engine().load(files, here);
    }
    List<LoadedModel> copies = new ArrayList<>();
    try {
      EngineOptions each = device.isCpu() ? here : here.withInstances(1);
      do {
        copies.add(engine().load(files, each));
      } while (copies.size() < instances && !(device.isCpu() && copies.getFirst().isConcurrent()));
      return new InstancedModel(copies, instances, !device.isCpu());
    } catch (ModelLoadException | RuntimeException | Error e) {
      copies.forEach(LoadedModel::close);
      throw e;
    }
  }
}
