-- Sets the password of one role; both come as settings, because a DO block takes no parameters.
do $$
begin
    execute format(
        'alter role %I password %L',
        current_setting('barq.role_name'),
        current_setting('barq.role_password')
    );
end
$$;
