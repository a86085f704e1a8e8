-- Leave for the death of a brother or sister (Labour Law, Art. 113), and the waiting period of a widow who is no Muslim (Art. 160).

alter table hr.leaves drop constraint leaves_leave_type_check;
alter table hr.leaves add constraint leaves_leave_type_check check (
    leave_type in (
        'annual', 'sick', 'emergency', 'unpaid', 'marriage', 'bereavement', 'bereavement_sibling', 'paternity', 'maternity',
        'hajj', 'exam', 'iddah', 'iddah_other'
    )
);
alter table hr.leave_entitlements drop constraint leave_entitlements_leave_type_check;
alter table hr.leave_entitlements add constraint leave_entitlements_leave_type_check check (
    leave_type in (
        'annual', 'sick', 'emergency', 'unpaid', 'marriage', 'bereavement', 'bereavement_sibling', 'paternity', 'maternity',
        'hajj', 'exam', 'iddah', 'iddah_other'
    )
);
