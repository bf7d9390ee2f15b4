package io.salver.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
  @Test
  void readsWhatItWrites() {
    assertThat(Device.parse("cpu")).isEqualTo(Device.CPU);
    assertThat(Device.parse("cuda:12")).isEqualTo(new Device("cuda", 12));
    assertThat(Device.parse("tensorrt"))
        .isEqualTo(new Device("tensorrt", 0))
        .hasToString("tensorrt:0");
    assertThat(Device.CPU).hasToString("cpu");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "CUDA:0", "cuda:", "cuda:-1", "cuda:0:0", "gpu:1000", "cpu:0", "0", "cuda 0"})
  void refusesWhatIsNoDevice(String text) {
    assertThatThrownBy(() -> Device.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "device: %s (expected: cpu, or a kind of accelerator and its number, as cuda:0)", text);
  }

  @Test
  void optionsRefuseWhatCannotBe() {
    EngineOptions options = EngineOptions.DEFAULT;
    Device cuda = new Device("cuda", 0);
    assertThatThrownBy(() -> options.withDevices(List.of()))
        .hasMessage("device: [] (expected: at least one, and each once)");
    assertThatThrownBy(() -> options.withDevices(List.of(cuda, cuda)))
        .hasMessage("device: [cuda:0, cuda:0] (expected: at least one, and each once)");
    assertThatThrownBy(() -> options.withDeviceMemoryLimitBytes(-1))
        .hasMessage("device_memory_limit_bytes: -1 (expected: >= 0)");
    assertThatThrownBy(() -> options.withInstances(1025))
        .hasMessage("instances: 1025 (expected: 0 to 1024)");
    assertThatThrownBy(() -> new Device("cpu", 1)).hasMessageStartingWith("device: cpu:1");
  }
}
