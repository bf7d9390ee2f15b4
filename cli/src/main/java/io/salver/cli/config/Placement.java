package io.salver.cli.config;

import io.salver.engine.Device;
import io.salver.engine.EngineOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Where a version says that it is to run.
 *
 * @param devices best first; empty where nothing is said
 * @param deviceMemoryLimitBytes what it may take of an accelerator's memory; 0 for any amount
 * @param instances how many runs there may be at once; 0 where nothing is said
 */
public record Placement(List<Device> devices, long deviceMemoryLimitBytes, int instances) {
  /** Nothing said. */
  public static final Placement DEFAULT = new Placement(List.of(), 0, 0);

  private static final String DEVICE = "device";

  public Placement {
    devices = List.copyOf(devices);
  }

  static Placement read(Section s) {
    Placement placement =
        new Placement(
            devices(s, List.of()),
            s.sizeBytes("device_memory_limit_bytes", 0),
            s.integer("instances", 0));
    try {
      placement.options(EngineOptions.DEFAULT, Set.of());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    }
    return placement;
  }

  /** A device, or a list of them. */
  static List<Device> devices(Section s, List<Device> otherwise) {
    Object value = s.get(DEVICE);
    if (value == null) {
      return otherwise;
    }
    List<Device> devices = new ArrayList<>();
    for (Object element : value instanceof List<?> list ? list : List.of(value)) {
      try {
        devices.add(Device.parse(String.valueOf(element)));
      } catch (IllegalArgumentException e) {
        throw s.placed(new ConfigException(String.valueOf(e.getMessage())));
      }
    }
    if (devices.isEmpty() || devices.stream().distinct().count() < devices.size()) {
      throw new ConfigException(
          s.at(DEVICE) + ": " + devices + " (expected: at least one, and each once)");
    }
    return devices;
  }

  /**
   * What is said here, over what holds for all models. Those devices that hold for all are left out
   * of which the engine does not know the kind.
   *
   * @throws IllegalArgumentException if that cannot be
   */
  public EngineOptions options(EngineOptions all, Set<String> deviceKinds) {
    List<Device> wanted = devices;
    if (wanted.isEmpty()) {
      wanted = all.devices().stream().filter(d -> deviceKinds.contains(d.kind())).toList();
    }
    return all.withDevices(wanted.isEmpty() ? List.of(Device.CPU) : wanted)
        .withDeviceMemoryLimitBytes(deviceMemoryLimitBytes)
        .withInstances(instances);
  }
}
