"""Everything the operations work on, in one place."""

from dataclasses import dataclass
from pathlib import Path

from processors.simulator.accounts import Accounts
from processors.simulator.applications import Applications
from processors.simulator.authorizations import Authorizations
from processors.simulator.clock import Clock
from processors.simulator.delivery_policies import DeliveryPolicies
from processors.simulator.events import Events
from processors.simulator.faults.rule_book import RuleBook
from processors.simulator.idempotency import Idempotency
from processors.simulator.late_calls import LateCalls
from processors.simulator.movements import Movements
from processors.simulator.objects import Objects
from processors.simulator.request_journal import RequestJournal
from processors.simulator.schedule import Schedule
from processors.simulator.store import Store


@dataclass(frozen=True, slots=True)
class Simulation:
    store: Store
    clock: Clock
    accounts: Accounts
    objects: Objects
    events: Events
    movements: Movements
    schedule: Schedule
    idempotency: Idempotency
    requests: RequestJournal
    late_calls: LateCalls
    rule_book: RuleBook
    applications: Applications
    authorizations: Authorizations
    delivery_policies: DeliveryPolicies

    def find_platforms(self, processor: str, account_id: str) -> tuple[str, ...]:
        """The accounts that may act for this one and hear of its events."""
        account = self.accounts.find(processor, account_id)
        found = [account.platform] if account and account.platform else []
        for client_id in self.authorizations.list_clients(processor, account_id):
            application = self.applications.find(processor, client_id)
            if application is not None and application.account_id not in found:
                found.append(application.account_id)
        return tuple(found)

    def reset(self) -> None:
        """Forget everything, as if the state file were new."""
        self.store.empty()
        self.accounts.reload()
        self.clock.reload()
        self.late_calls.reload()
        self.rule_book.reload()
        self.delivery_policies.reload()


def open_simulation(path: Path | None) -> Simulation:
    """Open the state file, or an empty state in memory.

    :raises StateFileInUse: another simulator has it open.
    """
    store = Store(path)
    clock = Clock(store)
    objects = Objects(store)
    accounts = Accounts(store)
    policies = DeliveryPolicies(store)
    events = Events(store, objects, policies)

    simulation = Simulation(
        store=store,
        clock=clock,
        accounts=accounts,
        objects=objects,
        events=events,
        movements=Movements(store),
        schedule=Schedule(store),
        idempotency=Idempotency(store),
        requests=RequestJournal(store),
        late_calls=LateCalls(store),
        rule_book=RuleBook(store, clock),
        applications=Applications(store),
        authorizations=Authorizations(store),
        delivery_policies=policies,
    )
    events.find_platforms = simulation.find_platforms
    return simulation
