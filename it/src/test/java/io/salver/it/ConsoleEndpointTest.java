package io.salver.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints are made, steered and watched in a browser. */
class ConsoleEndpointTest {
  private static final String ROWS =
      """
      {"instances": [{"orders_ahead": 3, "outstanding_orders": 12, "courier_load": 0.7,
       "distance_km": 2.4, "hour_of_day": 19}]}
      """;

  @TempDir private static Path temporary;
  private static ConsoleStand stand;
  private static ConsoleBrowser browser;

  @BeforeAll
  static void start() throws Exception {
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            """
            models:
              - name: food_delivery_eta
                base_path: %s
                versions: all
                labels: {stable: 1}
            """
                .formatted(HalfPlusTwoCalls.directory().resolveSibling("food_delivery_eta")));
    stand = ConsoleStand.start(config, Duration.ofMillis(10), ConsoleEndpointTest::ask);
    browser = stand.browser();
  }

  private static void ask(RestClient rest, int round) throws IOException, InterruptedException {
    for (String endpoint : List.of("eta", "shares")) {
      rest.post("/v1/models/" + endpoint + ":predict", ROWS);
    }
  }

  @AfterAll
  static void stop() {
    if (stand != null) {
      stand.close();
    }
  }

  @BeforeEach
  void beginAnew() {
    browser.forgetComplaints();
  }

  @AfterEach
  void nothingWasComplainedOf() {
    browser.assertNoComplaints();
  }

  private static Locator link(Page page, String name) {
    return page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static Locator label(Page page, String text) {
    return page.getByLabel(text, new Page.GetByLabelOptions().setExact(true));
  }

  private static LocatorAssertions.ContainsTextOptions patiently() {
    return new LocatorAssertions.ContainsTextOptions().setTimeout(Await.LIMIT.toMillis());
  }

  @Test
  void aCanaryIsStartedWatchedAndRolledBack() throws Exception {
    Page page = browser.open(ColorScheme.LIGHT, "/console/endpoints");
    page.getByRole(AriaRole.LINK)
        .filter(new Locator.FilterOptions().setHasText("New endpoint"))
        .click();
    label(page, "Name").fill("eta");
    label(page, "Route: model").fill("food_delivery_eta");
    label(page, "Route: which version").selectOption("version");
    label(page, "Route: number or label").fill("1");
    ConsoleBrowser.button(page, "Create").click();
    assertThat(page.locator("main h1")).hasText("eta");

    link(page, "Start a canary …").click();
    label(page, "Canary, which is to take over: number or label").fill("2");
    label(page, "Steps in %").fill("20, 50");
    label(page, "Seconds in each step").fill("600");
    ConsoleBrowser.assertAccessible(page);
    ConsoleBrowser.screenshot(page, "canary-form-light");
    ConsoleBrowser.button(page, "Save").click();

    Locator canary =
        page.getByRole(
            AriaRole.REGION, new Page.GetByRoleOptions().setName("Canary").setExact(true));
    assertThat(canary).containsText("Running, 20 %", patiently());
    assertThat(canary.locator("[aria-current=step]")).containsText("20 %");
    Locator route = page.locator("tr", new Page.LocatorOptions().setHasText("food_delivery_eta/2"));
    Await.until(
        "requests that the canary answered",
        () -> !route.last().locator("td").nth(1).textContent().matches("[–0]"));
    ConsoleBrowser.assertAccessible(page);
    ConsoleBrowser.screenshot(page, "canary-light");

    ConsoleBrowser.button(page, "Pause").click();
    assertThat(canary).containsText("Paused", patiently());
    ConsoleBrowser.button(page, "Resume").click();
    assertThat(canary).containsText("Running", patiently());
    ConsoleBrowser.button(page, "Roll back").click();
    ConsoleBrowser.confirm(page, "Roll back");
    assertThat(canary).containsText("Rolled back", patiently());
    assertThat(ConsoleBrowser.button(page, "Promote now")).isHidden();
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    ConsoleBrowser.screenshot(page, "canary-rolled-back-dark");

    page.navigate("/console/activity");
    assertThat(page.locator("tbody")).containsText("rollback", patiently());
    ConsoleBrowser.assertAccessible(page);
    ConsoleBrowser.screenshot(page, "activity-with-entries-dark");
    page.context().close();
  }

  @Test
  void sharesAreMovedByKeysByDraggingAndAsNumbers() throws Exception {
    Page page = browser.open(ColorScheme.LIGHT, "/console/new-endpoint");
    page.getByLabel("JSON", new Page.GetByLabelOptions().setExact(true)).check();
    page.getByLabel("Definition as JSON")
        .fill(
            """
            {"name": "shares", "policy": {"type": "split", "routes": [
              {"model": "food_delivery_eta", "label": "stable", "weight": 70},
              {"model": "food_delivery_eta", "version": 2, "weight": 30}]}}
            """);
    ConsoleBrowser.button(page, "Create").click();
    Locator slider = page.getByRole(AriaRole.SLIDER);
    assertThat(slider).hasAttribute("aria-valuenow", "70");

    slider.focus();
    page.keyboard().press("PageDown");
    page.keyboard().press("ArrowRight");
    assertThat(slider).hasAttribute("aria-valuenow", "61");
    ConsoleBrowser.button(page, "Apply").click();
    Await.until("61 % by keys", () -> weight() == 61);

    var box = page.locator(".split").boundingBox();
    var handle = slider.boundingBox();
    page.mouse().move(handle.x + handle.width / 2, handle.y + handle.height / 2);
    page.mouse().down();
    page.mouse().move(box.x + box.width * 0.25, box.y + 20);
    page.mouse().up();
    assertThat(slider).hasAttribute("aria-valuenow", "25");
    ConsoleBrowser.button(page, "Apply").click();
    Await.until("25 % by dragging", () -> weight() == 25);

    page.locator("#weight-0").fill("90");
    assertThat(page.locator("main")).containsText("Together 165 % (expected: 100 %)");
    assertThat(ConsoleBrowser.button(page, "Apply")).isDisabled();
    page.locator("#weight-1").fill("10");
    ConsoleBrowser.button(page, "Apply").click();
    Await.until("90 % as numbers", () -> weight() == 90);
    ConsoleBrowser.assertAccessible(page);
    ConsoleBrowser.screenshot(page, "endpoint-split-light");

    ConsoleBrowser.button(page, "Delete").click();
    ConsoleBrowser.confirm(page, "Delete");
    assertThat(page.locator("main h1")).hasText("Endpoints");
    assertThat(stand.server().rest().get("/v1/endpoints/shares").status()).isEqualTo(404);
    page.context().close();
  }

  private static double weight() throws IOException, InterruptedException {
    JsonObject endpoint =
        stand.server().rest().get("/v1/endpoints/shares").json().getAsJsonObject();
    JsonArray routes = endpoint.getAsJsonObject("policy").getAsJsonArray("routes");
    return routes.get(0).getAsJsonObject().get("weight").getAsDouble();
  }

  @Test
  void aDefinitionThatCannotBeIsRefusedInTheServersWords() {
    Page page = browser.open(ColorScheme.LIGHT, "/console/new-endpoint");
    label(page, "Name").fill("bad");
    label(page, "Policy").selectOption("split");
    label(page, "1: model").fill("food_delivery_eta");
    label(page, "1: weight in percent").fill("70");
    label(page, "2: model").fill("food_delivery_eta");
    label(page, "2: weight in percent").fill("20");
    ConsoleBrowser.button(page, "Create").click();
    assertThat(page.locator(".field-problem")).containsText("expected");
    browser.forgetComplaints();
    page.context().close();
  }
}
