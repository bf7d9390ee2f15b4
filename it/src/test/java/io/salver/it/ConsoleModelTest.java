package io.salver.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model is labelled, rolled back, unloaded, loaded and pinned in a browser. */
class ConsoleModelTest {
  private static final String MODEL = "food_delivery_eta";

  @TempDir private static Path temporary;
  private static ConsoleStand stand;

  @BeforeAll
  static void start() throws Exception {
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            """
            models:
              - {name: %s, base_path: %s, versions: all, labels: {stable: 1}}
            """
                .formatted(MODEL, HalfPlusTwoCalls.directory().resolveSibling(MODEL)));
    stand =
        ConsoleStand.start(
            config, Duration.ofMillis(50), (rest, round) -> rest.get("/v1/models/" + MODEL));
  }

  @AfterAll
  static void stop() {
    if (stand != null) {
      stand.close();
    }
  }

  private static JsonObject model() throws IOException, InterruptedException {
    return stand.server().rest().get("/v1/control/models/" + MODEL).json().getAsJsonObject();
  }

  private static JsonElement labels() throws IOException, InterruptedException {
    return model().get("labels");
  }

  private static List<Long> available() throws IOException, InterruptedException {
    List<Long> available = new ArrayList<>();
    for (JsonElement each : model().getAsJsonArray("versions")) {
      JsonObject version = each.getAsJsonObject();
      if (version.get("state").getAsString().equals("AVAILABLE")) {
        available.add(version.get("version").getAsLong());
      }
    }
    return available;
  }

  @Test
  void aModelIsSteeredFromItsPage() throws Exception {
    Page page = stand.browser().open(ColorScheme.LIGHT, "/console/models/" + MODEL);
    ConsoleBrowser.awaitLive(page);

    ConsoleBrowser.button(page, "Pin").click();
    assertThat(ConsoleBrowser.button(page, "Unpin")).isVisible();
    assertThat(model().get("pinned").getAsBoolean()).isTrue();
    ConsoleBrowser.button(page, "Unpin").click();
    assertThat(ConsoleBrowser.button(page, "Pin")).isVisible();
    assertThat(model().get("pinned").getAsBoolean()).isFalse();

    ConsoleBrowser.button(page, "Promote version 2 to stable").click();
    Await.until(
        "version 2 is stable", () -> labels().equals(JsonParser.parseString("{\"stable\": 2}")));
    ConsoleBrowser.button(page, "Label version 1").click();
    page.getByLabel("Label", new Page.GetByLabelOptions().setExact(true)).fill("before");
    ConsoleBrowser.assertAccessible(page);
    ConsoleBrowser.screenshot(page, "label-light");
    ConsoleBrowser.confirm(page, "Set label");
    Await.until(
        "version 1 has a label",
        () -> labels().equals(JsonParser.parseString("{\"before\": 1, \"stable\": 2}")));

    assertThat(available()).containsExactlyInAnyOrder(1L, 2L);
    ConsoleBrowser.button(page, "Roll back to version 1").click();
    ConsoleBrowser.confirm(page, "Roll back");
    Await.until("version 1 alone", () -> available().equals(List.of(1L)));

    ConsoleBrowser.button(page, "Unload").click();
    ConsoleBrowser.confirm(page, "Unload");
    Await.until("nothing is loaded", () -> available().isEmpty());
    ConsoleBrowser.screenshot(page, "model-unloaded-light");
    ConsoleBrowser.button(page, "Load").click();
    Await.until("version 1 is back", () -> available().equals(List.of(1L)));
    assertThat(ConsoleBrowser.button(page, "Unload")).isVisible();

    page.navigate("/console/activity");
    ConsoleBrowser.awaitLive(page);
    stand.browser().assertNoComplaints();
    page.context().close();
  }
}
